//! The service authorisation reference as facts: actions, their access levels, the resources they
//! act on and the condition keys they know.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/>
//!
//! Embedded, compressed per service and decoded on first use, like the API models;
//! `cargo xtask actions` regenerates the facts (origin: see NOTICE).

mod decode;

use std::cmp::Ordering;
use std::sync::{LazyLock, OnceLock};

use crate::archive::{Archive, Place};
use crate::frame::{Frame, Read};

/// First bytes of the file; the digit is the version of the format that this module reads.
const MAGIC: &[u8; 4] = b"WKA1";

static FILE: &[u8] = include_bytes!("../data/actions.bin");

/// What a policy can say of one service.
#[derive(Debug)]
pub struct ServiceActions {
    /// What stands before the colon of an action, e.g. `"kms"`.
    pub prefix: &'static str,
    /// The service's name, e.g. `"AWS Key Management Service"`.
    pub name: &'static str,
    /// Actions, sorted by name without regard to case.
    pub actions: Vec<Action>,
    /// Types of resources, sorted by name.
    pub resource_types: Vec<ResourceType>,
    /// Condition keys that the service knows, its own and global ones, sorted by name.
    pub condition_keys: Vec<ConditionKey>,
}

/// What a statement's `Action` names.
#[derive(Debug)]
pub struct Action {
    /// Name without the prefix, e.g. `"Decrypt"`.
    pub name: &'static str,
    /// What it lets the caller do.
    pub access_level: AccessLevel,
    /// Types of resources that it acts on; empty for an action that takes only `*`.
    pub resource_types: Vec<ActionResource>,
    /// Condition keys that apply whatever the resource is.
    pub condition_keys: Vec<&'static str>,
    /// Actions that the caller needs as well, e.g. `"iam:PassRole"`.
    pub dependent_actions: Vec<&'static str>,
}

/// How an action acts on one type of resource.
#[derive(Debug)]
pub struct ActionResource {
    /// Name of the type: look it up with [`ServiceActions::resource_type`].
    pub resource_type: &'static str,
    /// Whether a resource of this type must be named (marked `*` in the reference).
    pub required: bool,
    /// Condition keys that apply to the action on such a resource.
    pub condition_keys: Vec<&'static str>,
    /// Actions that the caller needs as well when it names such a resource.
    pub dependent_actions: Vec<&'static str>,
}

/// A type of resource.
#[derive(Debug)]
pub struct ResourceType {
    /// Name, e.g. `"key"`.
    pub name: &'static str,
    /// Form of its ARNs, e.g. `"arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"`.
    pub arn: &'static str,
    /// Condition keys that describe such a resource.
    pub condition_keys: Vec<&'static str>,
}

/// A condition key.
#[derive(Debug)]
pub struct ConditionKey {
    /// Name as the reference writes it, e.g. `"aws:ResourceTag/${TagKey}"`.
    pub name: &'static str,
    /// Type of its values.
    pub value: ConditionValue,
    /// Whether a request can have several values (`ForAllValues:` and `ForAnyValue:` apply).
    pub multivalued: bool,
}

/// What an action lets the caller do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccessLevel {
    /// Learn that resources exist.
    List,
    /// Read what resources hold.
    Read,
    /// Create, change or delete resources.
    Write,
    /// Grant or change permissions.
    PermissionsManagement,
    /// Change tags only.
    Tagging,
}

/// Types of a condition key's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionValue {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// A number.
    Numeric,
    /// A point in time.
    Date,
    /// A truth value.
    Bool,
    /// An IP address.
    IpAddress,
}

impl ServiceActions {
    /// The action of that name, which is compared without regard to case, as IAM does.
    pub fn action(&self, name: &str) -> Option<&Action> {
        let at = self.actions.binary_search_by(|action| compare(action.name, name)).ok()?;
        self.actions.get(at)
    }

    /// The type of resource of that name.
    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        let at = self.resource_types.binary_search_by(|resource| resource.name.cmp(name)).ok()?;
        self.resource_types.get(at)
    }

    /// The condition key of that name, as the reference writes it.
    pub fn condition_key(&self, name: &str) -> Option<&ConditionKey> {
        let at = self.condition_keys.binary_search_by(|key| key.name.cmp(name)).ok()?;
        self.condition_keys.get(at)
    }
}

/// Orders names without regard to case.
fn compare(a: &str, b: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    a.bytes().map(lower).cmp(b.bytes().map(lower))
}

/// What the index knows of a service without decoding it.
struct Entry {
    prefix: &'static str,
    name: &'static str,
    actions: usize,
    resource_types: usize,
    condition_keys: usize,
    place: Place,
    decoded: OnceLock<ServiceActions>,
}

impl Entry {
    fn read(index: &mut Frame, start: usize) -> Read<Entry> {
        Ok(Entry {
            prefix: index.string()?,
            name: index.string()?,
            actions: index.count()?,
            resource_types: index.count()?,
            condition_keys: index.count()?,
            place: Place { start, packed: index.count()?, length: index.count()? },
            decoded: OnceLock::new(),
        })
    }

    fn service(&'static self) -> &'static ServiceActions {
        self.decoded.get_or_init(|| {
            // INVARIANT: the file is embedded, was written by the encoder of this very format (the magic
            // says so), and the tests decode every service of it.
            REFERENCE.0.frame(self.place).and_then(|frame| decode::service(self, frame)).expect("actions.bin is sound")
        })
    }
}

/// The file and its index, sorted by prefix.
static REFERENCE: LazyLock<(Archive, Vec<Entry>)> = LazyLock::new(|| {
    // INVARIANT: the file is embedded and of the version that this code reads; the tests open it.
    open().expect("actions.bin is sound")
});

fn open() -> Read<(Archive, Vec<Entry>)> {
    let (archive, mut index) = Archive::open(FILE, MAGIC)?;
    let mut start = 0;
    let entries = index.many(|index| {
        let entry = Entry::read(index, start)?;
        start += entry.place.packed;
        Ok(entry)
    })?;
    Ok((archive, entries))
}

/// The service whose actions have that prefix, e.g. `"kms"`, compared without regard to case.
pub fn service(prefix: &str) -> Option<&'static ServiceActions> {
    let entries = &REFERENCE.1;
    let at = entries.binary_search_by(|entry| compare(entry.prefix, prefix)).ok()?;
    entries.get(at).map(Entry::service)
}

/// The action of that full name, e.g. `"kms:Decrypt"`, compared without regard to case.
pub fn action(name: &str) -> Option<&'static Action> {
    let (prefix, name) = name.split_once(':')?;
    service(prefix)?.action(name)
}

/// Prefixes of all services, sorted.
pub fn prefixes() -> impl ExactSizeIterator<Item = &'static str> {
    REFERENCE.1.iter().map(|entry| entry.prefix)
}
