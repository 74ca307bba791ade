//! Policies of browsers' forms.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use welkin_sigv4::post_policy::{Form, Policy};

use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct PostPolicies;

impl Target for PostPolicies {
    fn seed(&self, chance: &mut Chance) -> Seed {
        let conditions = [
            r#"{"bucket":"b"}"#,
            r#"["starts-with","$key","user/"]"#,
            r#"["eq","$acl","public-read"]"#,
            r#"["content-length-range",1,1000]"#,
            r#"{"x-amz-meta-a":"\u0062"}"#,
        ];
        let some: Vec<&str> = conditions.into_iter().filter(|_| !chance.one_in(3)).collect();
        format!(r#"{{"expiration":"2030-01-01T12:00:00.000Z","conditions":[{}]}}"#, some.join(",")).into_bytes().into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let fields = [("key", "user/1"), ("acl", "public-read"), ("x-amz-meta-a", "b")];
        let form = Form::new(fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
        // As it is, which is mostly no base64, and encoded.
        drop(Policy::parse(&String::from_utf8_lossy(input)));
        let policy = Policy::parse(&STANDARD.encode(input)).map_err(|error| format!("{error:?}"))?;
        drop(policy.check(&form, "b", Timestamp::UNIX_EPOCH));
        drop(policy.check_size(500));
        let _ = policy.max_size();
        Ok(())
    }
}
