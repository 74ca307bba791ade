//! Run lengths: <https://orc.apache.org/specification/ORCv1/#run-length-encoding>

use super::message::{varint, zigzag};

/// Bytes with how often they come.
pub(super) fn of_bytes(bytes: &[u8]) -> Vec<u8> {
    runs(bytes, 130, |out, byte| out.push(*byte), |out, byte| out.push(*byte))
}

/// Bits, eight in a byte, the first one the highest.
pub(super) fn of_bits(bits: &[bool]) -> Vec<u8> {
    let byte = |eight: &[bool]| eight.iter().enumerate().fold(0, |byte, (n, bit)| byte | u8::from(*bit) << (7 - n));
    of_bytes(&bits.chunks(8).map(byte).collect::<Vec<u8>>())
}

/// Numbers with signs.
pub(super) fn of_signed(numbers: &[i64]) -> Vec<u8> {
    let put = |out: &mut Vec<u8>, number: &i64| varint(out, zigzag(i128::from(*number)));
    runs(numbers, 130, put, |out, number| {
        // The numbers of a run differ by this.
        out.push(0);
        put(out, number);
    })
}

/// Numbers without signs.
pub(super) fn of_unsigned(numbers: &[u64]) -> Vec<u8> {
    let put = |out: &mut Vec<u8>, number: &u64| varint(out, u128::from(*number));
    runs(numbers, 130, put, |out, number| {
        out.push(0);
        put(out, number);
    })
}

/// Three and more that are the same are a run; others are told one by one, up to 128 at once.
fn runs<T: PartialEq>(
    all: &[T],
    longest: usize,
    single: impl Fn(&mut Vec<u8>, &T),
    run: impl Fn(&mut Vec<u8>, &T),
) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut at, mut waiting) = (0, 0);
    let literals = |out: &mut Vec<u8>, from: usize, to: usize| {
        for chunk in all.get(from..to).unwrap_or_default().chunks(128) {
            // INVARIANT: a chunk has 1 to 128; the count is negative.
            out.push((256 - chunk.len()) as u8);
            chunk.iter().for_each(|one| single(out, one));
        }
    };
    while let Some(first) = all.get(at) {
        let same = all[at..].iter().take(longest).take_while(|one| *one == first).count();
        if same >= 3 {
            literals(&mut out, waiting, at);
            out.push((same - 3) as u8);
            run(&mut out, first);
            at += same;
            waiting = at;
        } else {
            at += same;
        }
    }
    literals(&mut out, waiting, all.len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification_hold() {
        assert_eq!(of_bytes(&[0; 100]), [0x61, 0x00]);
        assert_eq!(of_bytes(&[0x44, 0x45]), [0xfe, 0x44, 0x45]);
        assert_eq!(of_unsigned(&[7; 100]), [0x61, 0x00, 0x07]);
        assert_eq!(of_unsigned(&[2, 3, 6, 7, 11]), [0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b]);
        assert_eq!(of_bits(&[true, false, false, false, false, false, false, false]), [0xff, 0x80]);
    }
}
