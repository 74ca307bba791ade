//! The one value that every protocol reads and writes.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem;
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::Body;
use crate::Timestamp;

/// Name of a member or key of a map. Members borrow their name from the model.
pub type Name = Cow<'static, str>;

/// A value of any shape of any service.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing, or JSON's null.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A number that neither holds without loss, as its decimal text.
    Decimal(Box<str>),
    /// A string.
    String(String),
    /// Bytes.
    Blob(Bytes),
    /// A point in time.
    Timestamp(Timestamp),
    /// A list.
    List(Vec<Value>),
    /// A structure, a union or a map, in order.
    Map(Map),
    /// A free document: the value as JSON has it.
    Document(Box<Value>),
    /// A body that streams.
    Stream(Stream),
}

/// A body that streams, taken by whoever reads it.
#[derive(Clone)]
pub struct Stream(Arc<Mutex<Option<Body>>>);

impl Stream {
    /// Wraps a body.
    pub fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Some(body))))
    }

    /// Takes the body; `None` the second time.
    pub fn take(&self) -> Option<Body> {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).take()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// An ordered map. Structures are small, so a look-up is a scan.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Map(Vec<(Name, Value)>);

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty map with room for `n` entries.
    pub fn with_capacity(n: usize) -> Self {
        Self(Vec::with_capacity(n))
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The value of `name`, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// Sets `name`, in its old place if it has one.
    pub fn insert(&mut self, name: impl Into<Name>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.get_mut(&name) {
            Some(slot) => *slot = value,
            None => self.0.push((name, value)),
        }
    }

    /// Appends an entry whose name is known to be new.
    pub fn push(&mut self, name: impl Into<Name>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }

    /// Removes `name`.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.remove(at).1)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(n, v)| (n.as_ref(), v))
    }
}

impl IntoIterator for Map {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(Name, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Name, Value)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        mem::discriminant(self).hash(state);
        match self {
            Self::Null | Self::Stream(_) => {}
            Self::Bool(value) => value.hash(state),
            Self::Int(value) => value.hash(state),
            // Zero is equal to its negative.
            Self::Float(value) => (value + 0.0).to_bits().hash(state),
            Self::Decimal(value) => value.hash(state),
            Self::String(value) => value.hash(state),
            Self::Blob(value) => value.hash(state),
            Self::Timestamp(value) => value.hash(state),
            Self::List(value) => value.hash(state),
            Self::Map(value) => value.hash(state),
            Self::Document(value) => value.hash(state),
        }
    }
}

impl Value {
    /// The member `name` of a map.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_map()?.get(name)
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(string) => Some(string),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// Whether it is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool, i64 => Int, i32 => Int, u32 => Int, f64 => Float, String => String, &str => String,
    Bytes => Blob, Timestamp => Timestamp, Vec<Value> => List, Map => Map, Stream => Stream,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
