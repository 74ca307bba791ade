//! The index of all services, and the look-ups that routing needs. Nothing here decodes a service
//! that was not asked for.

use std::sync::{LazyLock, OnceLock};

use crate::archive::{Archive, Place};
use crate::decode;
use crate::frame::{Frame, Read};
use crate::{Protocol, Service};

/// First bytes of the file; the digit is the version of the format that `decode.rs` reads.
const MAGIC: &[u8; 4] = b"WKM1";

static FILE: &[u8] = include_bytes!("../data/models.bin");

/// What the index knows of a service without decoding it.
#[derive(Debug)]
pub struct Entry {
    /// botocore's name of the service, e.g. `"stepfunctions"`.
    pub id: &'static str,
    /// Service id, e.g. `"SFN"`.
    pub service_id: &'static str,
    /// Prefix of the end point's host name, e.g. `"states"`.
    pub endpoint_prefix: &'static str,
    /// Name in the credential scope of signatures, e.g. `"states"`.
    pub signing_name: &'static str,
    /// API version, e.g. `"2016-11-23"`.
    pub api_version: &'static str,
    /// `X-Amz-Target` prefix, e.g. `"AWSStepFunctions"`.
    pub target_prefix: Option<&'static str>,
    /// `"1.0"` or `"1.1"` where the service speaks JSON.
    pub json_version: Option<&'static str>,
    /// Host of a service that has one end point for all Regions, e.g. `"iam.amazonaws.com"`.
    pub global_endpoint: Option<&'static str>,
    /// Protocols that the service accepts, preferred first.
    pub protocols: Vec<Protocol>,
    /// Number of its operations, as counted when the file was written.
    pub operation_count: usize,
    /// Number of its shapes, as counted when the file was written.
    pub shape_count: usize,
    place: Place,
    decoded: OnceLock<Service>,
    in_query: OnceLock<Service>,
}

impl Entry {
    /// The service's model, decoded on first use and kept for good.
    pub fn service(&'static self) -> &'static Service {
        self.decoded.get_or_init(|| self.decode())
    }

    fn decode(&self) -> Service {
        // INVARIANT: the file is embedded, was written by the encoder of this very format (the magic
        // says so), and the tests decode every service of it.
        CATALOG.archive.frame(self.place).and_then(|frame| decode::service(self, frame)).expect("models.bin is sound")
    }
}

impl Service {
    /// The service as it speaks that protocol: the same operations and shapes under the same ids, but
    /// each [`Member::location_name`](crate::Member::location_name) is the name in that protocol.
    ///
    /// It differs from the service itself only where a service moved from query to JSON and other names
    /// (SQS): there, ask for [`Protocol::Query`] before reading or writing it.
    pub fn in_protocol(&'static self, protocol: Protocol) -> &'static Service {
        let moved = protocol == Protocol::Query
            && self.speaks(Protocol::Query)
            && self.protocols.first() == Some(&Protocol::Json);
        match entry(self.id) {
            Some(entry) if moved => entry.in_query.get_or_init(|| entry.decode().with_query_names()),
            _ => self,
        }
    }
}

struct Catalog {
    archive: Archive,
    /// Sorted by id.
    entries: Vec<Entry>,
    by_signing_name: Vec<u16>,
    by_target_prefix: Vec<u16>,
    by_endpoint_prefix: Vec<u16>,
    by_service_id: Vec<u16>,
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    // INVARIANT: the file is embedded and of the version that this code reads; the tests open it.
    Catalog::open(FILE).expect("models.bin is sound")
});

impl Catalog {
    fn open(bytes: &'static [u8]) -> Read<Catalog> {
        let (archive, mut index) = Archive::open(bytes, MAGIC)?;
        let mut start = 0;
        let entries = index.many(|index| {
            let entry = Entry::read(index, start)?;
            start += entry.place.packed;
            Ok(entry)
        })?;
        Ok(Catalog {
            archive,
            by_signing_name: sorted(&entries, |entry| Some(entry.signing_name)),
            by_target_prefix: sorted(&entries, |entry| entry.target_prefix),
            by_endpoint_prefix: sorted(&entries, |entry| Some(entry.endpoint_prefix)),
            by_service_id: sorted(&entries, |entry| Some(entry.service_id)),
            entries,
        })
    }
}

impl Entry {
    fn read(index: &mut Frame, start: usize) -> Read<Entry> {
        Ok(Entry {
            id: index.string()?,
            service_id: index.string()?,
            endpoint_prefix: index.string()?,
            signing_name: index.string()?,
            api_version: index.string()?,
            target_prefix: index.maybe()?,
            json_version: index.maybe()?,
            global_endpoint: index.maybe()?,
            protocols: index.many(decode::protocol)?,
            operation_count: index.count()?,
            shape_count: index.count()?,
            place: Place { start, packed: index.count()?, length: index.count()? },
            decoded: OnceLock::new(),
            in_query: OnceLock::new(),
        })
    }
}

/// Places of the entries that have a key, sorted by it; entries of one key stay sorted by id.
fn sorted(entries: &[Entry], key: impl Fn(&Entry) -> Option<&'static str>) -> Vec<u16> {
    let mut keyed: Vec<_> = (0..).zip(entries).filter_map(|(place, entry)| Some((key(entry)?, place))).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, place)| place).collect()
}

/// The entries whose key is `wanted`.
fn matching<'a>(
    places: &'static [u16],
    key: impl Fn(&'static Entry) -> Option<&'static str> + 'a,
    wanted: &'a str,
) -> impl Iterator<Item = &'static Entry> + 'a {
    // INVARIANT: `sorted` made the places from the entries.
    let entry = |place: &u16| &CATALOG.entries[usize::from(*place)];
    let first = places.partition_point(|place| key(entry(place)) < Some(wanted));
    places[first..].iter().map(entry).take_while(move |entry| key(entry) == Some(wanted))
}

/// All services, sorted by id.
pub fn services() -> &'static [Entry] {
    &CATALOG.entries
}

/// The index's entry of the service with that id (botocore's name, e.g. `"sqs"`).
pub fn entry(id: &str) -> Option<&'static Entry> {
    let at = CATALOG.entries.binary_search_by(|entry| entry.id.cmp(id)).ok()?;
    CATALOG.entries.get(at)
}

/// The model of the service with that id.
pub fn service(id: &str) -> Option<&'static Service> {
    entry(id).map(Entry::service)
}

/// Services that sign with that name: several share `"s3"`, `"ses"`, `"apigateway"`.
pub fn by_signing_name(name: &str) -> impl Iterator<Item = &'static Entry> {
    matching(&CATALOG.by_signing_name, |entry| Some(entry.signing_name), name)
}

/// Services with that prefix in `X-Amz-Target` (what stands before the last dot), or as the service
/// in the path of rpc-v2-cbor.
pub fn by_target_prefix(prefix: &str) -> impl Iterator<Item = &'static Entry> {
    matching(&CATALOG.by_target_prefix, |entry| entry.target_prefix, prefix)
}

/// Services whose host names begin with that prefix, e.g. `"monitoring"`, `"api.ecr"`.
pub fn by_endpoint_prefix(prefix: &str) -> impl Iterator<Item = &'static Entry> {
    matching(&CATALOG.by_endpoint_prefix, |entry| Some(entry.endpoint_prefix), prefix)
}

/// Services with that service id, e.g. `"Secrets Manager"`.
pub fn by_service_id(service_id: &str) -> impl Iterator<Item = &'static Entry> {
    matching(&CATALOG.by_service_id, |entry| Some(entry.service_id), service_id)
}
