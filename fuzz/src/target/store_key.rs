//! Keys of the store.

use welkin_store::{KeyBuilder, KeyReader};

use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct Keys;

impl Target for Keys {
    fn seed(&self, chance: &mut Chance) -> Seed {
        let mut key = KeyBuilder::new();
        for _ in 0..=chance.below(6) {
            let number = chance.next();
            key = match chance.below(5) {
                0 => key.string("name\0with"),
                1 => key.bytes(&number.to_be_bytes()),
                2 => key.u64(number),
                3 => key.i64(i64::from_be_bytes(number.to_be_bytes())),
                _ => key.bool(number.is_multiple_of(2)),
            };
        }
        key.build().to_vec().into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let mut reader = KeyReader::new(input);
        let mut again = KeyBuilder::new();
        while !reader.is_empty() {
            again = read_any(&mut reader, again).ok_or("not a part")?;
        }
        reader.finish().map_err(|error| error.to_string())?;
        assert_eq!(again.build(), input, "what can be read is what would be written");
        Ok(())
    }
}

/// Reads the next part, whatever it is, and adds it to `key`.
fn read_any(reader: &mut KeyReader<'_>, key: KeyBuilder) -> Option<KeyBuilder> {
    let rest = reader.rest();
    let at = || KeyReader::new(rest);
    if at().string().is_ok() {
        return Some(key.string(&reader.string().ok()?));
    }
    if at().bytes().is_ok() {
        return Some(key.bytes(&reader.bytes().ok()?));
    }
    if at().u64().is_ok() {
        return Some(key.u64(reader.u64().ok()?));
    }
    if at().i64().is_ok() {
        return Some(key.i64(reader.i64().ok()?));
    }
    if at().bool().is_ok() {
        return Some(key.bool(reader.bool().ok()?));
    }
    None
}
