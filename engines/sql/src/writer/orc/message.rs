//! Messages of Protocol Buffers: <https://protobuf.dev/programming-guides/encoding/>

/// A message in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn number(&mut self, field: u64, number: u64) -> &mut Self {
        varint(&mut self.0, u128::from(field << 3));
        varint(&mut self.0, u128::from(number));
        self
    }

    fn block(&mut self, field: u64, bytes: &[u8]) -> &mut Self {
        varint(&mut self.0, u128::from(field << 3 | 2));
        varint(&mut self.0, bytes.len() as u128);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn text(&mut self, field: u64, text: &str) -> &mut Self {
        self.block(field, text.as_bytes())
    }

    pub(super) fn message(&mut self, field: u64, message: &Message) -> &mut Self {
        self.block(field, &message.0)
    }

    pub(super) fn packed(&mut self, field: u64, numbers: &[u64]) -> &mut Self {
        let mut all = Vec::new();
        numbers.iter().for_each(|number| varint(&mut all, u128::from(*number)));
        self.block(field, &all)
    }
}

/// A number of any size: the lowest seven bits first.
pub(super) fn varint(out: &mut Vec<u8>, number: u128) {
    let mut rest = number;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// A number with its sign in the lowest bit.
pub(super) fn zigzag(number: i128) -> u128 {
    ((number << 1) ^ (number >> 127)).cast_unsigned()
}
