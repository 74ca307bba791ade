//! AWS's own managed policies, as AWS publishes them.
//!
//! The data are made by `cargo xtask managed-policies`, which tells their form: an index and blocks of
//! documents. A block is unpacked when a policy in it is asked for.
//!
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use welkin_kernel::{Error, Result, Timestamp};
use welkin_policy::Document;

use super::version::VersionId;
use super::{compile, name_of, path_of};

static DATA: &[u8] = include_bytes!("../../data/managed-policies.bin");
const MAGIC: &[u8] = b"WKP1";
const PREFIX: &str = "arn:aws:iam::aws:policy";

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    // INVARIANT: the data are embedded, and a test reads every policy in them.
    Catalog::open(DATA).unwrap_or_else(|| Catalog { policies: Vec::new(), blocks: Vec::new() })
});

/// A policy of AWS's.
#[derive(Clone, Copy, Debug)]
pub(super) struct AwsPolicy(&'static Entry);

#[derive(Debug)]
struct Entry {
    /// Path and name, e.g. `/service-role/AWSLambdaBasicExecutionRole`.
    name: String,
    version: VersionId,
    created: Timestamp,
    updated: Timestamp,
    block: usize,
    start: usize,
    length: usize,
}

struct Catalog {
    /// Sorted by name.
    policies: Vec<Entry>,
    blocks: Vec<Block>,
}

struct Block {
    packed: &'static [u8],
    length: usize,
}

/// The policy with this ARN.
pub(super) fn find(arn: &str) -> Option<AwsPolicy> {
    let name = arn.strip_prefix(PREFIX)?;
    let at = CATALOG.policies.binary_search_by(|entry| entry.name.as_str().cmp(name)).ok()?;
    CATALOG.policies.get(at).map(AwsPolicy)
}

/// All policies, by ARN.
pub(super) fn all() -> impl Iterator<Item = AwsPolicy> {
    CATALOG.policies.iter().map(AwsPolicy)
}

impl AwsPolicy {
    pub(super) fn arn(self) -> String {
        format!("{PREFIX}{}", self.0.name)
    }

    pub(super) fn name(self) -> &'static str {
        name_of(&self.0.name)
    }

    pub(super) fn path(self) -> &'static str {
        path_of(&self.0.name)
    }

    /// The default version, the only one that Welkin has.
    pub(super) fn version(self) -> VersionId {
        self.0.version
    }

    pub(super) fn created(self) -> Timestamp {
        self.0.created
    }

    pub(super) fn updated(self) -> Timestamp {
        self.0.updated
    }

    /// Policies of roles that are linked to services cannot be attached by anybody else.
    pub(super) fn attachable(self) -> bool {
        !self.0.name.starts_with("/aws-service-role/")
    }

    /// The default version's document.
    pub(super) fn document(self) -> Result<String> {
        CATALOG.document(self.0).ok_or_else(|| Error::internal(format_args!("the data of {} are damaged", self.0.name)))
    }

    /// The default version, compiled. Everyone who uses the policy shares it.
    pub(super) fn compiled(self) -> Result<Arc<Document>> {
        // Bounded by the number of policies.
        static COMPILED: LazyLock<Mutex<HashMap<&'static str, Arc<Document>>>> = LazyLock::new(Mutex::default);
        let lock = || COMPILED.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(document) = lock().get(self.0.name.as_str()) {
            return Ok(Arc::clone(document));
        }
        let document = compile(&self.0.name, &self.document()?)?;
        lock().insert(&self.0.name, Arc::clone(&document));
        Ok(document)
    }
}

impl Catalog {
    fn open(data: &'static [u8]) -> Option<Self> {
        let rest = data.strip_prefix(MAGIC)?;
        let (header, rest) = rest.split_at_checked(8)?;
        let number = |at: usize| Some(u32::from_le_bytes(header.get(at..at + 4)?.try_into().ok()?) as usize);
        let (packed, mut rest) = rest.split_at_checked(number(0)?)?;
        let index = String::from_utf8(zstd::bulk::decompress(packed, number(4)?).ok()?).ok()?;
        let mut catalog = Self { policies: Vec::new(), blocks: Vec::new() };
        for line in index.lines() {
            let mut fields = line.split('\t');
            match fields.next()? {
                "blocks" => {
                    for block in fields {
                        let (packed, length) = block.split_once(' ')?;
                        let (packed, behind) = rest.split_at_checked(packed.parse().ok()?)?;
                        catalog.blocks.push(Block { packed, length: length.parse().ok()? });
                        rest = behind;
                    }
                }
                name => catalog.policies.push(Entry::read(name, fields)?),
            }
        }
        Some(catalog)
    }

    fn document(&self, entry: &Entry) -> Option<String> {
        let block = self.blocks.get(entry.block)?;
        let bytes = zstd::bulk::decompress(block.packed, block.length).ok()?;
        let document = bytes.get(entry.start..entry.start.checked_add(entry.length)?)?;
        String::from_utf8(document.to_vec()).ok()
    }
}

impl Entry {
    fn read<'a>(name: &str, mut fields: impl Iterator<Item = &'a str>) -> Option<Self> {
        Some(Self {
            name: name.to_owned(),
            version: VersionId::parse(fields.next()?)?,
            created: Timestamp::from_secs(fields.next()?.parse().ok()?),
            updated: Timestamp::from_secs(fields.next()?.parse().ok()?),
            block: fields.next()?.parse().ok()?,
            start: fields.next()?.parse().ok()?,
            length: fields.next()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_policy_of_aws_is_there_and_parses() {
        assert!(all().count() > 1_500, "{}", all().count());
        // Block by block, as unpacking one for each policy would take long.
        for (at, block) in CATALOG.blocks.iter().enumerate() {
            let bytes = zstd::bulk::decompress(block.packed, block.length).unwrap();
            for policy in all().filter(|policy| policy.0.block == at) {
                let json = std::str::from_utf8(&bytes[policy.0.start..][..policy.0.length]).unwrap();
                compile(policy.name(), json).unwrap_or_else(|error| panic!("{}: {error}", policy.arn()));
            }
        }
    }

    #[test]
    fn a_policy_is_found_with_its_path_version_and_time() {
        let policy = find("arn:aws:iam::aws:policy/AdministratorAccess").unwrap();
        assert_eq!((policy.name(), policy.path(), policy.version()), ("AdministratorAccess", "/", VersionId(1)));
        assert_eq!(policy.created(), Timestamp::from_secs(1_423_247_986));
        assert!(policy.document().unwrap().contains(r#""Action":"*""#));
        let policy = find("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").unwrap();
        assert_eq!(policy.path(), "/service-role/");
        assert!(policy.attachable() && find("arn:aws:iam::aws:policy/Nonsense").is_none());
    }
}
