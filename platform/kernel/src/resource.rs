//! Typed state: resources, their keys and their indexes.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use welkin_store::{KeyBuilder, KeyRange, KeyReader};

use crate::{AccountId, Arn, Error, Place, Region, Result, Timestamp};

/// A kind of thing that a service keeps.
///
/// It is stored under its account and Region first, as its scope says, so that isolation, reset, export
/// and the deletion of an account are range operations.
pub trait Resource: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name among all kinds, `service/thing`, e.g. `"sqs/queue"`.
    const KIND: &'static str;

    /// Where it lives.
    const SCOPE: Scope;

    /// Version of its stored form. Adding an optional member needs no new version.
    const VERSION: u8 = 1;

    /// Names of its indexes; [`indexes`](Self::indexes) fills them.
    const INDEXES: &'static [&'static str] = &[];

    /// Its key within its scope.
    fn key(&self) -> Key;

    /// Its keys in its indexes: (index, key). An index need not hold every resource; several may share a key.
    fn indexes(&self) -> Vec<(&'static str, Key)> {
        Vec::new()
    }

    /// Reads the form of an older version.
    ///
    /// # Errors
    /// When that version is not known.
    fn upgrade(version: u8, _stored: &[u8]) -> Result<Self> {
        Err(Error::internal(format_args!(
            "{} is stored in version {version}, this Welkin knows {}",
            Self::KIND,
            Self::VERSION
        )))
    }
}

/// Where resources of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One name space for everyone, e.g. bucket names.
    Global,
    /// One for each account, e.g. IAM users.
    Account,
    /// One for each account and Region, e.g. queues.
    Region,
}

/// Parts of a key, in order; their bytes sort as the parts do.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub(crate) Bytes);

/// What can be a key, or the beginning of one.
pub trait IntoKey {
    /// Appends the parts.
    fn append(&self, key: KeyBuilder) -> KeyBuilder;

    /// The key of these parts.
    fn into_key(self) -> Key
    where
        Self: Sized,
    {
        Key(self.append(KeyBuilder::new()).build())
    }
}

macro_rules! parts {
    ($($type:ty: $value:ident, $key:ident => $append:expr;)*) => {$(
        impl IntoKey for $type {
            fn append(&self, $key: KeyBuilder) -> KeyBuilder {
                let $value = self;
                $append
            }
        }
    )*};
}

parts! {
    str: value, key => key.string(value);
    String: value, key => key.string(value);
    [u8]: value, key => key.bytes(value);
    u64: value, key => key.u64(*value);
    i32: value, key => key.i64(i64::from(*value));
    u32: value, key => key.u64(u64::from(*value));
    i64: value, key => key.timestamp(*value);
    bool: value, key => key.bool(*value);
    Timestamp: value, key => key.timestamp(value.micros());
    AccountId: value, key => key.u64(value.number());
    Region: value, key => key.string(value.name());
    Arn: value, key => key.string(value.as_str());
    (): _value, key => key;
    Key: value, key => key.parts(&value.0);
}

impl<T: IntoKey + ?Sized> IntoKey for &T {
    fn append(&self, key: KeyBuilder) -> KeyBuilder {
        (**self).append(key)
    }
}

macro_rules! tuples {
    ($($name:ident $at:tt),*) => {
        impl<$($name: IntoKey),*> IntoKey for ($($name,)*) {
            fn append(&self, key: KeyBuilder) -> KeyBuilder {
                $(let key = self.$at.append(key);)*
                key
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);

/// Families of keys in the store.
pub(crate) mod family {
    /// Rows and indexes of the global scope.
    pub(crate) const GLOBAL: u64 = 1;
    /// Rows and indexes of accounts.
    pub(crate) const ACCOUNT: u64 = 2;
    /// Jobs.
    pub(crate) const JOBS: u64 = 3;
    /// Welkin's own settings, such as the clock's offset.
    pub(crate) const SETTINGS: u64 = 4;
}

/// Begins the keys of `kind` in its scope at `place`.
fn scope<R: Resource>(place: Place) -> KeyBuilder {
    let key = KeyBuilder::new();
    let key = match R::SCOPE {
        Scope::Global => key.u64(family::GLOBAL),
        Scope::Account => key.u64(family::ACCOUNT).u64(place.account.number()).string(""),
        Scope::Region => key.u64(family::ACCOUNT).u64(place.account.number()).string(place.region.name()),
    };
    key.string(R::KIND)
}

/// Key of the row of a resource.
pub(crate) fn row_key<R: Resource>(place: Place, key: &impl IntoKey) -> Bytes {
    key.append(scope::<R>(place).u64(0)).build()
}

/// Range of the rows whose keys begin with the parts `prefix`.
pub(crate) fn row_range<R: Resource>(place: Place, prefix: &impl IntoKey) -> KeyRange {
    KeyRange::prefix(row_key::<R>(place, prefix))
}

/// Key of an entry of an index; its value is the key of the row.
pub(crate) fn index_key<R: Resource>(place: Place, index: &str, key: &Key, row: &[u8]) -> Bytes {
    key.append(scope::<R>(place).u64(1).string(index)).bytes(row).build()
}

/// Range of the entries of an index whose keys begin with the parts `prefix`.
pub(crate) fn index_range<R: Resource>(place: Place, index: &str, prefix: &impl IntoKey) -> KeyRange {
    KeyRange::prefix(prefix.append(scope::<R>(place).u64(1).string(index)).build())
}

/// A key of a row or a job, for people to read: kind, account, Region, and what stands after them.
pub(crate) fn tell(key: &[u8]) -> String {
    let mut reader = KeyReader::new(key);
    let mut words = Vec::new();
    match reader.u64() {
        Ok(family::ACCOUNT) => {
            words.extend(reader.u64().map(|account| format!("{account:012}")));
            words.extend(reader.string().map(|region| region.into_owned()));
        }
        Ok(family::JOBS) => words.push("job".to_owned()),
        _ => {}
    }
    let kind = reader.string().map(|kind| kind.into_owned()).unwrap_or_default();
    words.insert(0, kind);
    // The mark of rows, as opposed to indexes.
    let _ = reader.u64();
    let mut parts = Vec::new();
    loop {
        if let Ok(text) = reader.string() {
            parts.push(text.escape_debug().to_string());
        } else if let Ok(bytes) = reader.bytes() {
            parts.push(String::from_utf8_lossy(&bytes).escape_debug().to_string());
        } else if let Ok(number) = reader.i64().or_else(|_| reader.timestamp()) {
            parts.push(number.to_string());
        } else {
            break;
        }
    }
    words.push(parts.join("/"));
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// The stored form: a byte of version, then MessagePack with names.
/// Bytes in which most resources fit.
const USUAL: usize = 512;

pub(crate) fn encode<R: Resource>(resource: &R) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(USUAL);
    bytes.push(R::VERSION);
    let mut serializer = rmp_serde::Serializer::new(&mut bytes).with_struct_map();
    resource.serialize(&mut serializer).map_err(|e| Error::internal(format_args!("{}: {e}", R::KIND)))?;
    Ok(bytes)
}

pub(crate) fn decode<R: Resource>(stored: &[u8]) -> Result<R> {
    match stored.split_first() {
        Some((version, rest)) if *version == R::VERSION => {
            rmp_serde::from_slice(rest).map_err(|e| Error::internal(format_args!("stored {}: {e}", R::KIND)))
        }
        Some((version, rest)) => R::upgrade(*version, rest),
        None => Err(Error::internal(format_args!("stored {} is empty", R::KIND))),
    }
}
