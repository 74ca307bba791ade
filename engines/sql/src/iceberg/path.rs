//! Where a table's files go.

/// The folder of a location, without a slash at its end.
fn folder(location: &str) -> &str {
    location.trim_end_matches('/')
}

/// Where a metadata file goes: its number, one more than that of the file before.
pub(super) fn metadata(location: &str, before: Option<&str>, id: &str) -> String {
    let name = before.and_then(|before| before.rsplit('/').next()).unwrap_or_default();
    let number = name.split('-').next().and_then(|number| number.parse::<u64>().ok());
    let number = number.map_or(0, |number| number.saturating_add(1));
    format!("{}/metadata/{number:05}-{id}.metadata.json", folder(location))
}

/// Where the list of a snapshot goes.
pub(super) fn list(location: &str, snapshot: i64, id: &str) -> String {
    format!("{}/metadata/snap-{snapshot}-1-{id}.avro", folder(location))
}

/// Where a manifest goes.
pub(super) fn manifest(location: &str, id: &str, n: usize) -> String {
    format!("{}/metadata/{id}-m{n}.avro", folder(location))
}

/// The folder of data files.
pub(super) fn data(metadata: &super::Metadata) -> String {
    let of = |key: &str| metadata.properties.get(key).map(|path| folder(path).to_owned());
    of("write.data.path")
        .or_else(|| of("write.object-storage.path"))
        .unwrap_or_else(|| format!("{}/data", folder(&metadata.location)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_files_are_numbered() {
        let first = metadata("s3://b/t/", None, "u");
        assert_eq!(first, "s3://b/t/metadata/00000-u.metadata.json");
        assert_eq!(metadata("s3://b/t", Some(&first), "v"), "s3://b/t/metadata/00001-v.metadata.json");
    }
}
