//! Valid input made invalid.

use crate::chance::Chance;

/// No input is longer.
pub(crate) const LONGEST: usize = 256 * 1024;

/// Pieces that mean something to one parser or another.
const TOKENS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b":",
    b",",
    b"null",
    b"true",
    b"-",
    b"1e999999999",
    b"\\ud800",
    b"\\u0000",
    b"99999999999999999999",
    b"-9223372036854775809",
    b"0.000000000000000000000000001",
    b"NaN",
    b"Infinity",
    b"<",
    b"</",
    b"/>",
    b"<!--",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"&amp;",
    b"&b;",
    b"&#x0;",
    b"<?xml version=\"1.0\"?>",
    b"xmlns=\"\"",
    b"&",
    b"=",
    b"%",
    b"%00",
    b"%ff",
    b"%2F",
    b"+",
    b".1",
    b".member.1",
    b".999999999999",
    b".member.99999",
    b".entry.1.key",
    b"\r\n",
    b"\n",
    b"\0",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xbf",
    b"\x9f",
    b"\x7f",
    b"\x5f",
    b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
    b"\xc1",
    b"\xc4\x82",
    b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x9b\x00\x00\xff\xff\xff\xff\xff\xff",
    b"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x00\x00\x00\x10",
    b"\xff\xff\xff\xff",
    b"ffffffffffffffff",
    b";chunk-signature=",
    b"0\r\n",
    b"x-amz-trailer-signature:",
    b"AWS4-HMAC-SHA256",
    b"Credential=",
    b"SignedHeaders=",
    b"Signature=",
    b"/aws4_request",
    b"X-Amz-Expires=",
    b"${",
    b"${aws:username, 'x'}",
    b"*",
    b"?",
    b"arn:aws:s3:::",
    b"ForAllValues:",
    b"IfExists",
    b"../",
    b"//",
    b"host",
    b"Action=",
    b"Version=",
];

/// One to eight changes at places after the first `kept` bytes.
pub(crate) fn mutate(input: &mut Vec<u8>, kept: usize, other: &[u8], chance: &mut Chance) {
    for _ in 0..=chance.below(8) {
        once(input, kept.min(input.len()), other, chance);
        input.truncate(LONGEST);
    }
}

fn once(input: &mut Vec<u8>, kept: usize, other: &[u8], chance: &mut Chance) {
    let at = kept + chance.below(input.len() - kept + 1);
    let end = (at + 1 + chance.below(32)).min(input.len());
    let at = at.min(end);
    match chance.below(11) {
        0 => flip(input, at, chance),
        1 => overwrite(input, at, chance.byte()),
        2 => drop(input.drain(at..end)),
        3 => insert(input, at, chance.pick::<&[u8]>(TOKENS)),
        4 => insert(input, at, &[chance.byte()]),
        5 => repeat(input, at, end, chance),
        6 => input.truncate(at),
        7 => splice(input, at, other, chance),
        8 => {
            let from = kept + chance.below(input.len() - kept + 1);
            let piece = input.get(from..(from + 64).min(input.len())).unwrap_or_default().to_vec();
            insert(input, at, &piece);
        }
        9 => number(input, at, chance),
        _ => {
            let token = *chance.pick(TOKENS);
            let end = (at + token.len()).min(input.len());
            input.splice(at..end, token.iter().copied());
        }
    }
}

fn flip(input: &mut [u8], at: usize, chance: &mut Chance) {
    let bit = 1 << chance.below(8);
    if let Some(byte) = input.get_mut(at) {
        *byte ^= bit;
    }
}

fn overwrite(input: &mut [u8], at: usize, value: u8) {
    if let Some(byte) = input.get_mut(at) {
        *byte = value;
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

/// The same again and again: deep where the piece opens something, long where it does not.
fn repeat(input: &mut Vec<u8>, at: usize, end: usize, chance: &mut Chance) {
    let piece =
        if chance.one_in(2) { input.get(at..end).unwrap_or_default().to_vec() } else { chance.pick(TOKENS).to_vec() };
    let times = *chance.pick(&[2, 10, 100, 1_000, 20_000]);
    let most = LONGEST / piece.len().max(1);
    insert(input, at, &piece.repeat(times.min(most)));
}

fn splice(input: &mut Vec<u8>, at: usize, other: &[u8], chance: &mut Chance) {
    let from = chance.below(other.len() + 1);
    let to = (from + chance.below(256)).min(other.len());
    insert(input, at, other.get(from..to).unwrap_or_default());
}

/// Another number in place of the digits from `at` on.
fn number(input: &mut Vec<u8>, at: usize, chance: &mut Chance) {
    let Some(start) = input.iter().skip(at).position(u8::is_ascii_digit).map(|skip| at + skip) else { return };
    let end = input.iter().skip(start).position(|byte| !byte.is_ascii_digit()).map_or(input.len(), |skip| start + skip);
    let number = match chance.below(4) {
        0 => chance.next().to_string(),
        1 => format!("-{}", chance.below(10)),
        2 => "9".repeat(1 + chance.below(400)),
        _ => chance.below(300).to_string(),
    };
    input.splice(start..end, number.into_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_beginning_and_the_limit_and_repeats_with_the_seed() {
        let run = || {
            let mut chance = Chance::new(7, "test");
            let mut all = Vec::new();
            for _ in 0..2_000 {
                let mut input = b"kept {\"a\": [1, 2, 3]}".to_vec();
                mutate(&mut input, 5, b"other", &mut chance);
                assert!(input.starts_with(b"kept "));
                assert!(input.len() <= LONGEST);
                all.push(input);
            }
            all
        };
        let first = run();
        assert_eq!(first, run());
        assert!(first.iter().any(|input| input.len() > 10_000), "some are deep or long");
        assert!(first.iter().any(|input| input.len() < 10), "some are cut off");
    }
}
