//! `aws-chunked` bodies: AWS's own examples, round trips with the signer in pieces of any size, and tampering.
#![allow(clippy::unwrap_used, missing_docs)]

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*, sample::Index};
use welkin_sigv4::{
    Algorithm, Body, ChunkDecoder, Credentials, Error, ErrorKind, KeyCache, Payload, Presented, RequestView, Rules,
    Style, present,
    sign::{Parts, Signer, sign_headers},
    verify,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TIME: &str = "2013-05-24T00:00:00Z";

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair =
        |(name, value): &(&str, &str)| (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    pairs.iter().map(pair).collect()
}

/// Verifies a request to `/examplebucket/chunkObject.txt` and gives the decoder of its body.
fn decoder(headers: &HeaderMap) -> Result<ChunkDecoder, Error> {
    let view = RequestView { method: "PUT", path: "/examplebucket/chunkObject.txt", query: "", headers };
    let Presented::Signed(claim) = present(&view)? else { return Err(ErrorKind::MissingToken.into()) };
    let now: Timestamp = TIME.parse().unwrap();
    let verified = verify(&claim, &view, None, &SECRET.into(), now, &Rules::of("s3"), &KeyCache::new())?;
    match verified.body {
        Body::Chunked { payload, seed } => ChunkDecoder::for_request(&view, &payload, seed),
        body => panic!("{body:?} is not chunked"),
    }
}

type Trailers = Vec<(String, String)>;

/// Decodes a body given in pieces; on failure, with what came out before.
fn decode(mut decoder: ChunkDecoder, pieces: &[&[u8]]) -> (Vec<u8>, Result<Trailers, Error>) {
    let mut out = Vec::new();
    for piece in pieces {
        let pushed = decoder.push(Bytes::copy_from_slice(piece));
        while let Some(data) = decoder.pop() {
            out.extend_from_slice(&data);
        }
        if let Err(error) = pushed {
            assert_eq!(decoder.push(Bytes::from_static(b"x")).unwrap_err(), error, "a failed decoder stays failed");
            return (out, Err(error));
        }
    }
    (out, decoder.finish())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>
#[test]
fn the_documented_example_verifies() {
    let headers = headers(&[
        ("host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=\
             content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
             x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        ),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("content-length", "66824"),
    ]);
    let mut body = Vec::new();
    for (size, signature) in [
        (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1_024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ] {
        body.extend(format!("{size:x};chunk-signature={signature}\r\n").into_bytes());
        body.extend(vec![b'a'; size]);
        body.extend(b"\r\n");
    }
    assert_eq!(body.len(), 66_824);
    let (data, end) = decode(decoder(&headers).unwrap(), &[&body]);
    assert_eq!(end, Ok(Vec::new()));
    assert_eq!(data, vec![b'a'; 66_560]);

    let (before, after) = body.split_at(70_000.min(body.len() - 400));
    let mut tampered = after.to_vec();
    tampered[3] = b'b';
    let (data, end) = decode(decoder(&headers).unwrap(), &[before, &tampered]);
    assert!(matches!(end.unwrap_err().kind(), ErrorKind::SignatureMismatch(_)));
    assert_eq!(data.len(), 65_536, "the chunk that verified came out, the other did not");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>
#[test]
fn the_documented_example_with_trailers_verifies() {
    let headers = headers(&[
        ("host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=\
             content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;\
             x-amz-trailer,Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        ),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-trailer", "x-amz-checksum-crc32c"),
    ]);
    let mut body = Vec::new();
    for (size, signature, end) in [
        (65_536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", "\r\n"),
        (1_024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", "\r\n"),
        (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992", ""),
    ] {
        body.extend(format!("{size:x};chunk-signature={signature}\r\n").into_bytes());
        body.extend(vec![b'a'; size]);
        body.extend(end.as_bytes());
    }
    body.extend(b"x-amz-checksum-crc32c:sOO8/Q==\r\n");
    let unsigned = body.clone();
    body.extend(b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n");
    let (_, end) = decode(decoder(&headers).unwrap(), &[&body]);
    assert_eq!(end, Ok(vec![("x-amz-checksum-crc32c".to_owned(), "sOO8/Q==".to_owned())]));

    let (_, end) = decode(decoder(&headers).unwrap(), &[&unsigned, b"\r\n"]);
    assert_eq!(end.unwrap_err().kind(), &ErrorKind::MalformedTrailer, "trailers must be signed");
    let other = String::from_utf8(body).unwrap().replace("sOO8", "sOO9");
    let (_, end) = decode(decoder(&headers).unwrap(), &[other.as_bytes()]);
    assert!(matches!(end.unwrap_err().kind(), ErrorKind::SignatureMismatch(_)));
}

/// Signs a request and its body by the crate's own signer.
fn signed(algorithm: Algorithm, sizes: &[usize], trailers: &[(&str, &str)], data: u8) -> (HeaderMap, Vec<u8>) {
    let trailer = !trailers.is_empty();
    let payload = match algorithm {
        Algorithm::HmacSha256 => Payload::StreamingSigned { trailer },
        Algorithm::EcdsaP256Sha256 => Payload::StreamingEcdsa { trailer },
    };
    let length: usize = sizes.iter().sum();
    let mut headers = headers(&[("host", "s3"), ("x-amz-decoded-content-length", &length.to_string())]);
    if trailer {
        let names: Vec<_> = trailers.iter().map(|(name, _)| *name).collect();
        headers.insert("x-amz-trailer", HeaderValue::from_str(&names.join(",")).unwrap());
    }
    let credentials = Credentials { access_key_id: "AKID".to_owned(), secret: SECRET.into(), session_token: None };
    let (credentials, time) = (&credentials, TIME.parse().unwrap());
    let signer = Signer { credentials, algorithm, region: "eu-west-1", service: "s3", style: Style::S3, time };
    let parts = Parts { method: "PUT", path: "/examplebucket/chunkObject.txt", query: "" };
    let mut chunks = sign_headers(parts, &mut headers, &payload, &signer).unwrap();
    let mut body = Vec::new();
    for &size in sizes.iter().chain([&0]) {
        body.extend(chunks.chunk(&vec![data; size]));
    }
    body.extend(if trailer { chunks.trailers(trailers) } else { chunks.end().to_vec() });
    (headers, body)
}

/// Cuts a body into pieces at these places.
fn cut(body: &[u8], places: &[Index]) -> Vec<Vec<u8>> {
    let mut places: Vec<_> = places.iter().map(|place| place.index(body.len() + 1)).collect();
    places.extend([0, body.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| body[pair[0]..pair[1]].to_vec()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_is_decoded_and_nothing_else(
        chunks in vec(8192..9000_usize, 0..4),
        last in 1..9000_usize,
        ecdsa in any::<bool>(),
        trailer in any::<bool>(),
        places in vec(any::<Index>(), 0..40),
        at: Index,
        by in 1..=255_u8,
    ) {
        let algorithm = if ecdsa { Algorithm::EcdsaP256Sha256 } else { Algorithm::HmacSha256 };
        let sizes: Vec<_> = chunks.iter().copied().chain([last]).collect();
        let trailers: &[_] = if trailer { &[("x-amz-checksum-crc32", "AAAAAA==")] } else { &[] };
        let (headers, body) = signed(algorithm, &sizes, trailers, b'd');
        let pieces = cut(&body, &places);
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let (data, end) = decode(decoder(&headers).unwrap(), &pieces);
        let length = sizes.iter().sum::<usize>();
        prop_assert_eq!(end.unwrap().len(), trailers.len());
        prop_assert_eq!(data, vec![b'd'; length]);

        let mut tampered = body.clone();
        let at = at.index(body.len());
        tampered[at] ^= by;
        let (data, end) = decode(decoder(&headers).unwrap(), &[&tampered]);
        prop_assert!(data.iter().all(|&byte| byte == b'd'), "nothing that was tampered with comes out");
        // Nothing but the case of sizes and of trailers' names is free.
        prop_assert!(end.is_err() || tampered.eq_ignore_ascii_case(&body));

        let (_, end) = decode(decoder(&headers).unwrap(), &[&body[..at]]);
        let error = end.unwrap_err();
        prop_assert_eq!(error.kind(), &ErrorKind::IncompleteBody);
    }
}

#[test]
fn a_chunk_from_another_body_does_not_fit() {
    let (headers, body) = signed(Algorithm::HmacSha256, &[8192, 8192, 10], &[], b'd');
    let (_, other) = signed(Algorithm::HmacSha256, &[8192, 8192, 10], &[], b'e');
    let size = body.iter().position(|&byte| byte == b'\n').unwrap() + 1 + 8192 + 2;
    let spliced = [&body[..size], &other[size..]].concat();
    let (data, end) = decode(decoder(&headers).unwrap(), &[&spliced]);
    assert!(matches!(end.unwrap_err().kind(), ErrorKind::SignatureMismatch(_)));
    assert_eq!(data, vec![b'd'; 8192]);
    let swapped = [&body[size..2 * size], &body[..size], &body[2 * size..]].concat();
    assert!(decode(decoder(&headers).unwrap(), &[&swapped]).1.is_err());
}

fn unsigned(length: u64, body: &str) -> Result<Trailers, ErrorKind> {
    let decoder = ChunkDecoder::unsigned(length, ["x-amz-checksum-crc32".to_owned()]);
    decode(decoder, &[body.as_bytes()]).1.map_err(|error| error.kind().clone())
}

#[test]
fn unsigned_bodies_are_held_to_what_was_announced() {
    let end = "0\r\nx-amz-checksum-crc32:AA==\r\n\r\n";
    let trailers = vec![("x-amz-checksum-crc32".to_owned(), "AA==".to_owned())];
    assert_eq!(unsigned(5, &format!("5\r\nhello\r\n{end}")), Ok(trailers.clone()));
    assert_eq!(unsigned(0, end), Ok(trailers));
    assert_eq!(unsigned(6, &format!("5\r\nhello\r\n{end}")), Err(ErrorKind::IncompleteBody));
    assert_eq!(unsigned(4, &format!("5\r\nhello\r\n{end}")), Err(ErrorKind::IncompleteBody));
    assert_eq!(unsigned(5, &format!("5\r\nhello{end}")), Err(ErrorKind::MalformedChunk));
    assert_eq!(unsigned(5, "5\r\nhello\r\n0\r\n\r\n"), Err(ErrorKind::MalformedTrailer));
    assert_eq!(unsigned(5, "5\r\nhello\r\n0\r\nx-other:1\r\n\r\n"), Err(ErrorKind::MalformedTrailer));
    assert_eq!(unsigned(5, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32\r\n\r\n"), Err(ErrorKind::MalformedTrailer));
    assert_eq!(unsigned(5, "5\r\nhel"), Err(ErrorKind::IncompleteBody));
    assert_eq!(unsigned(5, &format!("5\r\nhello\r\n{end}x")), Err(ErrorKind::IncompleteBody));
    assert_eq!(
        unsigned(6, &format!("3\r\nabc\r\n3\r\nabc\r\n{end}")),
        Err(ErrorKind::InvalidChunkSize { chunk: 2, size: 3 })
    );
}

#[test]
fn hostile_headers_of_chunks_are_refused_early() {
    for header in ["-5\r\n", "+5\r\n", "5\n", "\r\n", "\0\r\n", "ffffffffffffffffff\r\n", "5\r\r\n"] {
        assert_eq!(unsigned(5, header), Err(ErrorKind::MalformedChunk), "{header:?}");
    }
    let bomb = "0".repeat(10 << 20);
    assert_eq!(unsigned(5, &bomb), Err(ErrorKind::MalformedChunk));
    let trailer = format!("0\r\nx-amz-checksum-crc32:{}", "A".repeat(10 << 20));
    assert_eq!(unsigned(0, &trailer), Err(ErrorKind::MalformedTrailer));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(
        body in vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'0'), Just(b';'), Just(b':'), any::<u8>()], 0..200),
        places in vec(any::<Index>(), 0..8),
        length in 0..64_u64,
    ) {
        let pieces = cut(&body, &places);
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let (data, end) = decode(ChunkDecoder::unsigned(length, []), &pieces);
        prop_assert!(data.len() as u64 <= length);
        prop_assert!(end.is_err() || data.len() as u64 == length);
        let (headers, _) = signed(Algorithm::HmacSha256, &[10], &[], b'd');
        let (data, end) = decode(decoder(&headers).unwrap(), &pieces);
        prop_assert!(data.is_empty() && end.is_err());
    }
}
