//! When an access key was used last.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::AccessKey;
use crate::access;
use crate::entity::{Entity, Head, Kind, by_id};
use crate::errors::AccessDenied;
use crate::usage::KeyUse;
use crate::user::{ROOT, User};

/// Tells when, where and for which service an access key was used last.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessKeyLastUsed {
    access_key_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessKeyLastUsedResponse {
    user_name: Option<String>,
    access_key_last_used: LastUsed,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LastUsed {
    last_used_date: Option<Timestamp>,
    service_name: String,
    region: String,
}

impl GetAccessKeyLastUsed {
    /// The user whose key it is; `None` for the root user's.
    async fn holder(&self, cx: &mut Cx) -> Result<Option<User>> {
        let key = cx.get::<AccessKey>(cx.here(), &self.access_key_id).await?;
        let user = match &key {
            Some(key) if key.holder == ROOT => return Ok(None),
            Some(key) => by_id::<User>(cx, cx.here(), &key.holder).await?,
            None => None,
        };
        user.map(Some).ok_or_else(|| {
            let caller = cx.principal().arn(cx.region().partition()).map(String::from).unwrap_or_default();
            AccessDenied::because(format!(
                "User: {caller} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key {}",
                self.access_key_id
            ))
        })
    }
}

impl Operation for GetAccessKeyLastUsed {
    const NAME: &'static str = "GetAccessKeyLastUsed";
    type Output = GetAccessKeyLastUsedResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access::to(cx, "iam:GetAccessKeyLastUsed")?;
        Ok(match self.holder(cx).await? {
            Some(user) => access::tagged(access.on(Head::arn(user.head(), Kind::User, cx.here())), &user.tags),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAccessKeyLastUsedResponse> {
        let user_name = self.holder(cx).await?.map(|user| user.head.name);
        let used = cx.get::<KeyUse>(cx.here(), &self.access_key_id).await?;
        let none = || "N/A".to_owned();
        Ok(GetAccessKeyLastUsedResponse {
            user_name,
            access_key_last_used: LastUsed {
                last_used_date: used.as_ref().map(|used| used.at),
                service_name: used.as_ref().map_or_else(none, |used| used.service.clone()),
                region: used.as_ref().map_or_else(none, |used| used.region.name().to_owned()),
            },
        })
    }
}
