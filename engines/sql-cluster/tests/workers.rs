//! Two workers beside an engine: the same answers as without them, work on both, and what goes wrong.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use welkin_sql::{Engine, Limits, PlanFormat, Session};
use welkin_sql_cluster::{Secret, Unfit, Workers, worker};
use welkin_tpch::{Lake, QUERIES, Scale, Table, file, write};

const SECRET: &str = "a secret of the tests";

/// How many files a table has.
const FILES: usize = 4;

fn secret() -> Secret {
    Secret::new(SECRET).expect("a secret")
}

fn session() -> Session {
    Session { catalog: "awsdatacatalog".into(), schema: Some("tpch".into()), now: 0, seed: 1 }
}

fn limits() -> Limits {
    Limits { memory: 256 << 20, parallelism: 2 }
}

/// The tables of TPC-H, each in several files.
fn tables(folder: &Path) -> Lake {
    write(folder, Scale(0.01)).expect("tables");
    for table in Table::ALL {
        let whole = file(folder, table);
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&whole).expect("a file")).expect("Parquet");
        let batches: Vec<_> = reader.with_batch_size(1024).build().expect("rows").map(|it| it.expect("rows")).collect();
        for n in 0..FILES.min(batches.len()) {
            let part = File::create(whole.with_file_name(format!("part-{n}.parquet"))).expect("a file");
            let mut writer = ArrowWriter::try_new(part, batches[0].schema(), None).expect("a writer");
            batches.iter().skip(n).step_by(FILES).for_each(|batch| writer.write(batch).expect("written"));
            writer.close().expect("closed");
        }
        std::fs::remove_file(whole).expect("removed");
    }
    Lake::tpch(folder)
}

async fn start() -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let serving = tokio::spawn(async move {
        worker::serve(listener, secret(), limits(), std::future::pending()).await.expect("a worker");
    });
    (address, serving)
}

async fn two() -> (Arc<Workers>, Vec<JoinHandle<()>>) {
    let (first, second) = (start().await, start().await);
    let workers = Workers::find(&[first.0, second.0], secret(), None).await.expect("workers");
    (Arc::new(workers), vec![first.1, second.1])
}

fn engine() -> Engine {
    Engine::new(limits()).expect("an engine")
}

async fn answer(engine: &Engine, lake: &Lake, sql: &str) -> Result<Vec<String>, String> {
    let mut output = engine.query(sql, &session(), lake).await.map_err(|why| why.to_string())?;
    let rows = output.all().await.map_err(|why| why.to_string())?;
    let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_are_those_of_the_engine_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = tables(folder.path());
    let (workers, _serving) = two().await;
    let (alone, together) = (engine(), engine().with_cluster(workers.clone()));
    let mut wrong = Vec::new();
    for (n, sql) in QUERIES.iter().enumerate() {
        let (own, theirs) = (answer(&alone, &lake, sql).await, answer(&together, &lake, sql).await);
        if own != theirs {
            wrong.push(format!("Q{}: {own:?} but {theirs:?}", n + 1));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let states = workers.states().await;
    assert!(states.iter().all(|state| state.there && state.reads > 100 && state.bytes > 100_000), "{states:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_errors_and_plans_are_the_engines() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = tables(folder.path());
    let (workers, _serving) = two().await;
    let (alone, together) = (engine(), engine().with_cluster(workers.clone()));
    for sql in [
        "SELECT upper(l_shipmode), array_agg(DISTINCT l_linestatus ORDER BY l_linestatus), max_by(l_quantity, l_orderkey) \
         FROM lineitem GROUP BY 1",
        "SELECT count(*), sum(reduce(ARRAY[l_linenumber, 2], 0, (s, x) -> s + x, s -> s)) FROM lineitem",
        "SELECT o_orderkey, row_number() OVER (PARTITION BY o_custkey ORDER BY o_orderkey) FROM orders",
        "SELECT count(DISTINCT \"$path\") FROM lineitem",
        "SELECT l_quantity / (l_linenumber - l_linenumber) FROM lineitem",
        "SELECT try(l_linenumber / (l_linenumber - 1)) FROM lineitem",
        "SELECT n_name FROM nation UNION ALL SELECT l_shipmode FROM lineitem WHERE l_orderkey < 100",
    ] {
        assert_eq!(answer(&alone, &lake, sql).await, answer(&together, &lake, sql).await, "{sql}");
    }
    let sql = "SELECT l_shipmode, count(*) FROM lineitem GROUP BY l_shipmode";
    let plan = together.explain_analyze(sql, &session(), &lake, PlanFormat::Text).await.expect("a plan");
    assert!(plan.contains("RemoteExchange"), "{plan}");
    let by_chance = "SELECT count(*) FROM lineitem WHERE random() < 2";
    let plan = together.explain_analyze(by_chance, &session(), &lake, PlanFormat::Text).await.expect("a plan");
    assert!(!plan.contains("RemoteExchange"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_goes_is_gone_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = tables(folder.path());
    let (workers, serving) = two().await;
    let (alone, together) = (engine(), engine().with_cluster(workers.clone()));
    let own = answer(&alone, &lake, QUERIES[0]).await;
    for worker in serving {
        assert_eq!(answer(&together, &lake, QUERIES[0]).await, own);
        worker.abort();
        let _ = worker.await;
    }
    assert_eq!(answer(&together, &lake, QUERIES[0]).await, own);
    assert!(workers.states().await.iter().all(|state| !state.there));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_know_the_secret_is_refused() {
    let (address, _serving) = start().await;
    let other = Secret::new("another secret of the tests").expect("a secret");
    let refused = Workers::find(std::slice::from_ref(&address), other, None).await.err();
    assert!(matches!(refused, Some(Unfit::Away(..))), "{refused:?}");
    let nobody = Workers::find(&["127.0.0.1:1".to_owned()], secret(), None).await.err();
    assert!(matches!(nobody, Some(Unfit::Away(..))), "{nobody:?}");
    let none = Workers::find(&["nowhere".to_owned()], secret(), None).await.err();
    assert_eq!(none, Some(Unfit::Address("nowhere".into())));
}
