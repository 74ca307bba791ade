use crate::{all, engines::Engine, put, row, rows};
use welkin_store::{Error, KeyRange};

pub(crate) async fn writes_are_taken_back(store: &Engine) {
    put(store, "a", "old").await;
    put(store, "b", "old").await;
    let mut transaction = store.begin().await.unwrap();
    transaction.put("a", "1");
    let outer = transaction.savepoint();
    transaction.put("a", "2");
    transaction.delete("b");
    transaction.put("c", "2");
    transaction.put_stamped("s", "", "gone");
    let inner = transaction.savepoint();
    transaction.delete_range(KeyRange::all());
    transaction.put("c", "3");
    transaction.put("", "invalid");
    assert_eq!(all(&mut transaction).await, [row("c", "3")]);
    transaction.rollback_to(inner).unwrap();
    assert_eq!(all(&mut transaction).await, [row("a", "2"), row("c", "2")]);
    transaction.add("n", 1);
    transaction.rollback_to(inner).unwrap();
    assert_eq!(all(&mut transaction).await, [row("a", "2"), row("c", "2")], "a savepoint can be used again");
    transaction.rollback_to(outer).unwrap();
    assert_eq!(all(&mut transaction).await, [row("a", "1"), row("b", "old")]);
    transaction.put("d", "4");
    transaction.commit().await.unwrap();
    assert_eq!(rows(store).await, [row("a", "1"), row("b", "old"), row("d", "4")]);
}

pub(crate) async fn of_other_places_are_refused(store: &Engine) {
    let mut transaction = store.begin().await.unwrap();
    let outer = transaction.savepoint();
    let inner = transaction.savepoint();
    transaction.rollback_to(outer).unwrap();
    transaction.put("a", "1");
    assert!(matches!(transaction.rollback_to(inner), Err(Error::NoSuchSavepoint)));
    transaction.commit().await.unwrap();
    assert_eq!(rows(store).await, [row("a", "1")]);
    let mut other = store.begin().await.unwrap();
    assert!(matches!(other.rollback_to(outer), Err(Error::NoSuchSavepoint)));
}
