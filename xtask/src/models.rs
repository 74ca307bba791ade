//! `cargo xtask models`: botocore's models as one compact file of facts.

mod botocore;
mod encode;
mod legacy;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Failure;
use crate::committed::Committed;
use crate::pack::{self, Frame};
use crate::wheel::Wheel;
use botocore::{Model, Paginators};

const BOTOCORE: Wheel = Wheel {
    project: "botocore",
    version: "1.44.5",
    sha256: "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921",
};

/// First bytes of the file; the digit is the version of the format and changes with `encode.rs`.
const MAGIC: &[u8; 4] = b"WKM1";

/// The model files of one service.
struct Source {
    id: String,
    model: Model,
    paginators: Paginators,
}

pub(crate) fn run(options: &Committed) -> Result<(), Failure> {
    let data = BOTOCORE.unpacked()?.join("botocore/data");
    let mut sources = Vec::new();
    for folder in sorted_entries(&data)?.iter().filter(|folder| folder.is_dir()) {
        let Some(version) = sorted_entries(folder)?.pop() else { continue };
        sources.push(Source::read(folder, &version).map_err(|e| format!("{}: {e}", version.display()))?);
    }
    let frames = sources
        .iter()
        .map(|source| encode::service(source).map_err(|e| format!("{}: {e}", source.id).into()))
        .collect::<Result<Vec<_>, Failure>>()?;
    let bytes = pack::archive(MAGIC, &frames, |packed| index(&sources, &frames, packed))?;
    eprintln!(
        "{} services, {} operations, {} shapes",
        sources.len(),
        sources.iter().map(|s| s.model.operations.0.len()).sum::<usize>(),
        sources.iter().map(|s| s.model.shapes.0.len()).sum::<usize>(),
    );
    options.deliver("platform/model/data/models.bin", &bytes)
}

/// The index: one row per service, sorted by id, in the order of the frames.
fn index(sources: &[Source], frames: &[Vec<u8>], packed: &[Vec<u8>]) -> Vec<u8> {
    let mut index = Frame::default();
    index.count(sources.len());
    for ((source, frame), packed) in sources.iter().zip(frames).zip(packed) {
        encode::identity(&mut index, source);
        index.count(source.model.operations.0.len());
        index.count(source.model.shapes.0.len());
        index.count(packed.len());
        index.count(frame.len());
    }
    index.finish()
}

impl Source {
    /// Reads one API version of a service, with what botocore's authors added to it.
    fn read(folder: &Path, version: &Path) -> Result<Source, Failure> {
        let id = folder.file_name().and_then(|name| name.to_str()).ok_or("the folder's name is not text")?;
        let model = with_extras(version, "service-2")?.ok_or("no service-2 file")?;
        let paginators = with_extras(version, "paginators-1")?;
        let mut model = serde_json::from_value(model)?;
        legacy::restore(id, &mut model)?;
        Ok(Source {
            id: id.to_owned(),
            model,
            paginators: paginators.map(serde_json::from_value).transpose()?.unwrap_or_default(),
        })
    }
}

/// The file `name`, merged with its `sdk-extras`.
fn with_extras(version: &Path, name: &str) -> Result<Option<Value>, Failure> {
    let Some(mut base) = read_json(version, name)? else { return Ok(None) };
    if let Some(mut extras) = read_json(version, &format!("{name}.sdk-extras"))? {
        merge(&mut base, extras.get_mut("merge").ok_or("extras without a merge")?.take());
    }
    Ok(Some(base))
}

/// Objects are merged key by key; anything else replaces what was there.
fn merge(base: &mut Value, extra: Value) {
    match (base, extra) {
        (Value::Object(base), Value::Object(extra)) => {
            for (key, value) in extra {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, extra) => *base = extra,
    }
}

/// Reads `name.json` or `name.json.gz`.
fn read_json(folder: &Path, name: &str) -> Result<Option<Value>, Failure> {
    let plain = folder.join(format!("{name}.json"));
    if plain.exists() {
        return Ok(Some(serde_json::from_slice(&fs::read(plain)?)?));
    }
    let packed = folder.join(format!("{name}.json.gz"));
    if !packed.exists() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(packed)?).read_to_end(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut entries =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    entries.sort();
    Ok(entries)
}
