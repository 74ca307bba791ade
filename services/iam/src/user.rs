//! Users: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html>.

mod create;
mod delete;
mod get;
mod list;
mod tags;
mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Key, Place, Principal, Resource, Result, Scope, Timestamp};

use crate::access;
use crate::boundary::AttachedBoundary;
use crate::entity::{Entity, Head, Kind, named};
use crate::errors::ValidationError;
use crate::tag::{self, Tag, Tags};

pub(crate) use create::CreateUser;
pub(crate) use delete::DeleteUser;
pub(crate) use get::{GetUser, root_view};
pub(crate) use list::ListUsers;
pub(crate) use tags::{ListUserTags, TagUser, UntagUser};
pub(crate) use update::UpdateUser;

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) head: Head,
    pub(crate) boundary: Option<String>,
    pub(crate) tags: Tags,
}

impl Resource for User {
    const KIND: &'static str = "iam/user";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["id", "boundary"];

    fn key(&self) -> Key {
        self.head.key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        let mut indexes = vec![("id", (&self.head.id).into_key())];
        indexes.extend(self.boundary.as_ref().map(|arn| ("boundary", arn.into_key())));
        indexes
    }
}

impl Entity for User {
    const WHAT: Kind = Kind::User;

    fn head(&self) -> &Head {
        &self.head
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn boundary(&self) -> Option<&String> {
        self.boundary.as_ref()
    }
}

impl User {
    /// The user as a caller.
    pub(crate) fn principal(&self, place: Place) -> welkin_kernel::User {
        welkin_kernel::User {
            account: place.account,
            id: self.head.id.clone(),
            path: self.head.path.clone(),
            name: self.head.name.clone(),
        }
    }
}

/// A user in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UserView {
    path: Option<String>,
    user_name: Option<String>,
    user_id: String,
    arn: String,
    create_date: Timestamp,
    permissions_boundary: Option<AttachedBoundary>,
    tags: Option<Vec<Tag>>,
}

impl UserView {
    /// With boundary and tags, as answers about one user show it.
    pub(crate) fn whole(user: &User, place: Place) -> Self {
        Self {
            permissions_boundary: user.boundary.clone().map(AttachedBoundary::of),
            tags: tag::some(&user.tags),
            ..Self::brief(user, place)
        }
    }

    /// Without boundary and tags, as listings show it.
    pub(crate) fn brief(user: &User, place: Place) -> Self {
        Self {
            path: Some(user.head.path.clone()),
            user_name: Some(user.head.name.clone()),
            user_id: user.head.id.clone(),
            arn: user.head.arn(Kind::User, place).into(),
            create_date: user.head.created,
            permissions_boundary: None,
            tags: None,
        }
    }
}

/// Whom an operation means that may leave the name out.
pub(crate) enum Meant {
    /// A user of this name.
    User(String),
    /// The root user, who calls.
    Root,
}

/// Stands for the root user as the holder of credentials.
pub(crate) const ROOT: &str = "root";

/// Unique id, or [`ROOT`], and name of whom an operation means.
pub(crate) async fn holder(cx: &mut Cx, name: Option<&String>) -> Result<(String, Option<String>)> {
    match meant(cx, name)? {
        Meant::User(name) => {
            let user = named::<User>(cx, &name).await?;
            Ok((user.head.id, Some(user.head.name)))
        }
        Meant::Root => Ok((ROOT.to_owned(), None)),
    }
}

/// Demands `action` on the user whom an operation means.
pub(crate) async fn demand(cx: &mut Cx, action: &'static str, name: Option<&String>) -> Result<Access> {
    match meant(cx, name)? {
        Meant::User(name) => access::on::<User>(cx, action, &name).await,
        Meant::Root => Ok(access::to(cx, action)?.on(cx.here().global_arn("iam", "root"))),
    }
}

/// The user named, or the caller.
pub(crate) fn meant(cx: &Cx, name: Option<&String>) -> Result<Meant> {
    if let Some(name) = name {
        return Ok(Meant::User(name.clone()));
    }
    match cx.principal() {
        principal if principal.is_root() => Ok(Meant::Root),
        Principal::User(_) | Principal::Session(_) => match cx.principal().user() {
            Some(user) => Ok(Meant::User(user.name.clone())),
            None => Err(ValidationError::because("Must specify userName when calling with non-User credentials")),
        },
        Principal::Root { .. } | Principal::Anonymous | Principal::Federated(_) | Principal::Service(_) => {
            Err(ValidationError::because("Must specify userName when calling with non-User credentials"))
        }
    }
}
