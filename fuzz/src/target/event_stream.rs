//! Frames of event streams.

use bytes::BytesMut;
use welkin_wire::event_stream::{Frame, HeaderValue, decode_frame, encode_frame};

use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct Frames;

impl Target for Frames {
    fn seed(&self, chance: &mut Chance) -> Seed {
        let mut bytes = Vec::new();
        for _ in 0..=chance.below(3) {
            let mut frame = Frame::new(&[(":message-type", "event"), (":event-type", "Records")]);
            frame.headers.push(("n".to_owned(), HeaderValue::Long(7)));
            frame.headers.push(("b".to_owned(), HeaderValue::Bytes(vec![1, 2, 3].into())));
            frame.payload = vec![b'x'; chance.below(300)].into();
            bytes.extend_from_slice(&encode_frame(&frame).unwrap_or_default());
        }
        bytes.into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let mut buffer = BytesMut::from(input);
        while !buffer.is_empty() {
            let before = buffer.clone();
            match decode_frame(&mut buffer) {
                Ok(Some(frame)) => {
                    let taken = before.len() - buffer.len();
                    assert!(taken > 0, "a frame takes bytes");
                    let again = encode_frame(&frame).map_err(|error| error.to_string())?;
                    assert_eq!(Some(&again[..]), before.get(..taken), "a frame comes back as it went");
                }
                Ok(None) => return Err("incomplete".to_owned()),
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }
}
