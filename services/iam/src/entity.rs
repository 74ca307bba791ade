//! What users, groups and roles have in common.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, IntoKey, Key, Place, Resource, Result, Timestamp};

use crate::errors::NoSuchEntityException;
use crate::quota;

/// The kinds of entities that policies are attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    User,
    Group,
    Role,
}

impl Kind {
    /// As in ARNs and messages.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }

    /// As AWS names quotas.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Role",
        }
    }

    /// How large its inline policies may be together.
    pub(crate) fn inline_size(self) -> u32 {
        match self {
            Self::User => quota::USER_INLINE_SIZE,
            Self::Group => quota::GROUP_INLINE_SIZE,
            Self::Role => quota::ROLE_INLINE_SIZE,
        }
    }
}

/// Identity of an entity. All else refers to it by its unique id, which outlives a change of name and
/// is never given to another entity of that name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) created: Timestamp,
}

impl Head {
    /// A new entity whose id begins with `prefix`.
    pub(crate) fn new(cx: &Cx, prefix: &str, name: &str, path: Option<&str>) -> Self {
        Self {
            id: cx.chance().unique_id(prefix),
            name: name.to_owned(),
            path: path.unwrap_or("/").to_owned(),
            created: cx.now().whole_secs(),
        }
    }

    /// Its ARN.
    pub(crate) fn arn(&self, kind: Kind, place: Place) -> Arn {
        place.global_arn("iam", format_args!("{}{}{}", kind.word(), self.path, self.name))
    }

    /// Key of the row: names are told apart without regard to case.
    pub(crate) fn key(&self) -> Key {
        key(&self.name)
    }
}

/// Key of the entity of this name.
pub(crate) fn key(name: &str) -> Key {
    name.to_ascii_lowercase().into_key()
}

/// A user, group or role. Each has an index `id`.
pub(crate) trait Entity: Resource {
    const WHAT: Kind;

    fn head(&self) -> &Head;

    fn tags(&self) -> &BTreeMap<String, String>;

    /// ARN of its permissions boundary. Groups have none.
    fn boundary(&self) -> Option<&String> {
        None
    }

    /// Refuses a change that only AWS may make.
    fn hold_modifiable(&self) -> Result<()> {
        Ok(())
    }
}

/// The entity of this name in the present account.
pub(crate) async fn find<E: Entity>(cx: &mut Cx, name: &str) -> Result<Option<E>> {
    cx.get::<E>(cx.here(), key(name)).await
}

/// The entity of this name, which must exist.
pub(crate) async fn named<E: Entity>(cx: &mut Cx, name: &str) -> Result<E> {
    find::<E>(cx, name).await?.ok_or_else(|| missing(E::WHAT.word(), name))
}

/// The entity with this unique id.
pub(crate) async fn by_id<E: Entity>(cx: &mut Cx, place: Place, id: &str) -> Result<Option<E>> {
    Ok(cx.find::<E>(place, "id", id, 1).await?.pop())
}

/// `what` is the entity in AWS's words, e.g. `user policy`.
pub(crate) fn missing(what: &str, name: &str) -> welkin_kernel::Error {
    NoSuchEntityException::because(format!("The {what} with name {name} cannot be found."))
}
