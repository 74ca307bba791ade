//! Who used what, when and where last: noted by the chain of every call, now and then.
//!
//! A use is written when the same caller has not used the same action for a while, so that calls which follow on each
//! other write nothing. What is read is therefore right to [`OFTEN`].

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Caller, Cx, IntoKey, Key, Page, Place, Principal, Region, Resource, Result, Scope, SessionOf, Timestamp, Use,
};

use crate::directory::home;
use crate::user::ROOT;

/// How often a use is noted, in seconds.
const OFTEN: i64 = 60;

/// Uses that are remembered as noted, at most; then all are noted afresh.
const MOST: usize = 65_536;

/// The last use of an action by a user, a role or the root user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LastUse {
    /// Unique id of the user or role, or [`ROOT`].
    pub(crate) holder: String,
    /// What stands before the colon of the action.
    pub(crate) service: String,
    pub(crate) action: String,
    pub(crate) region: Region,
    pub(crate) at: Timestamp,
}

impl Resource for LastUse {
    const KIND: &'static str = "iam/last-use";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.holder, &self.service, &self.action).into_key()
    }
}

/// The last use of a long-term access key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeyUse {
    id: String,
    pub(crate) service: String,
    pub(crate) region: Region,
    pub(crate) at: Timestamp,
}

impl Resource for KeyUse {
    const KIND: &'static str = "iam/key-use";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.id).into_key()
    }
}

/// What a user or role used last of each service and action.
pub(crate) async fn of(cx: &mut Cx, place: Place, holder: &str) -> Result<Vec<LastUse>> {
    cx.list::<LastUse>(place, (holder,), Page::ALL).await
}

/// What a user or role used last of all.
pub(crate) async fn last(cx: &mut Cx, place: Place, holder: &str) -> Result<Option<LastUse>> {
    Ok(of(cx, place, holder).await?.into_iter().max_by_key(|used| used.at))
}

/// Forgets what a user or role used, who is no more.
pub(crate) fn forget(cx: &mut Cx, holder: &str) -> Result<()> {
    cx.delete_all::<LastUse>(cx.here(), (holder,))
}

/// The unique id under which a caller's uses are noted; AWS's services and strangers have none.
fn holder(principal: &Principal) -> Option<&str> {
    match principal {
        Principal::Anonymous | Principal::Service(_) | Principal::Federated(_) => None,
        Principal::Root { .. } => Some(ROOT),
        Principal::User(user) => Some(&user.id),
        Principal::Session(session) => match &session.of {
            SessionOf::Role { role, .. } => Some(&role.id),
            SessionOf::User(user) | SessionOf::Federated { by: Some(user), .. } => Some(&user.id),
            SessionOf::Root | SessionOf::Federated { by: None, .. } => Some(ROOT),
        },
    }
}

/// The uses that were noted lately.
#[derive(Default)]
pub(crate) struct Noted(Mutex<HashMap<u64, Timestamp>>);

impl Noted {
    /// Whether this use was not noted lately.
    pub(crate) fn is_news(&self, caller: &Caller, region: Region, at: Timestamp, service: &str, action: &str) -> bool {
        let Some(name) = name(caller, region, service, action) else { return false };
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes everything news.
        noted.get(&name).is_none_or(|noted| (at.secs() - noted.secs()).unsigned_abs() >= OFTEN.unsigned_abs())
    }

    /// Forgets what was noted.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Remembers that they are noted.
    pub(crate) fn remember(&self, uses: &[Use]) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= MOST {
            noted.clear();
        }
        for used in uses {
            if let Some(name) = name(&used.caller, used.region, used.service, used.action) {
                noted.insert(name, used.at);
            }
        }
    }
}

/// One number for a caller, its key, a Region and an action.
fn name(caller: &Caller, region: Region, service: &str, action: &str) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    (holder(&caller.principal)?, caller.principal.account()?, &caller.access_key_id).hash(&mut hasher);
    (region, service, action).hash(&mut hasher);
    Some(hasher.finish())
}

/// Writes uses, without reading anything.
pub(crate) fn write(cx: &mut Cx, uses: &[Use]) -> Result<()> {
    for used in uses {
        let principal = &used.caller.principal;
        let (Some(holder), Some(account)) = (holder(principal), principal.account()) else { continue };
        let (place, at) = (home(account), used.at.whole_secs());
        let (service, action) = (used.service.to_owned(), used.action.to_owned());
        if let (Some(id), None) = (&used.caller.access_key_id, principal.session()) {
            let (id, service) = (id.clone(), service.clone());
            cx.insert(place, &KeyUse { id, service, region: used.region, at })?;
        }
        cx.insert(place, &LastUse { holder: holder.to_owned(), service, action, region: used.region, at })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_use_is_news_once_in_a_while() {
        let account = "111122223333".parse().expect("an account");
        let caller = Caller::of(Principal::Root { account });
        let (noted, region) = (Noted::default(), Region::US_EAST_1);
        let at = |seconds: i64| Timestamp::from_secs(1_000 + seconds);
        let news = |seconds, action: &str| noted.is_news(&caller, region, at(seconds), "sqs", action);
        assert!(news(0, "SendMessage"));
        let caller = Arc::new(caller.clone());
        noted.remember(&[Use {
            caller: Arc::clone(&caller),
            region,
            at: at(0),
            service: "sqs",
            action: "SendMessage",
        }]);
        assert!(!news(0, "SendMessage") && !news(59, "SendMessage") && news(0, "ReceiveMessage"));
        assert!(news(60, "SendMessage") && news(-60, "SendMessage"));
        assert!(!noted.is_news(&Caller::of(Principal::Anonymous), region, at(0), "s3", "GetObject"));
        noted.forget();
        assert!(noted.is_news(&caller, region, at(1), "sqs", "SendMessage"));
    }
}
