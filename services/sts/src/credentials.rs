//! Temporary credentials in answers.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Result, Session, SessionOf, Timestamp, credentials};

/// Temporary credentials.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: Timestamp,
}

/// A session of so many seconds, without restrictions and tags.
pub(crate) fn session(cx: &Cx, account: welkin_kernel::AccountId, of: SessionOf, seconds: u32) -> Session {
    let issued = cx.now().whole_secs();
    Session {
        account,
        of,
        access_key_id: credentials::access_key_id(cx.chance(), "ASIA", account),
        issued,
        expires: issued.plus(std::time::Duration::from_secs(u64::from(seconds))),
        policies: Vec::new(),
        policy_arns: Vec::new(),
        tags: Default::default(),
        transitive_tags: Vec::new(),
        source_identity: None,
        mfa: None,
        provider: None,
        federation: Default::default(),
        chained: false,
        task: None,
    }
}

/// Issues the credentials of a session.
pub(crate) fn issue(cx: &Cx, session: &Session) -> Result<Credentials> {
    let (secret_access_key, session_token) = credentials::issue(cx.sealer(), cx.chance(), session)?;
    Ok(Credentials {
        access_key_id: session.access_key_id.clone(),
        secret_access_key,
        session_token,
        expiration: session.expires,
    })
}
