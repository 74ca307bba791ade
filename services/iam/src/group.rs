//! Groups of users: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html>.

mod edit;
mod list;
mod membership;

use serde::{Deserialize, Serialize};
use welkin_kernel::{IntoKey, Key, Place, Resource, Scope, Timestamp};

use crate::entity::{Entity, Head, Kind};
use crate::tag::Tags;

pub(crate) use edit::{CreateGroup, DeleteGroup, UpdateGroup};
pub(crate) use list::{GetGroup, ListGroups, ListGroupsForUser};
pub(crate) use membership::{AddUserToGroup, Membership, RemoveUserFromGroup};

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) head: Head,
}

impl Resource for Group {
    const KIND: &'static str = "iam/group";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["id"];

    fn key(&self) -> Key {
        self.head.key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("id", (&self.head.id).into_key())]
    }
}

impl Entity for Group {
    const WHAT: Kind = Kind::Group;

    fn head(&self) -> &Head {
        &self.head
    }

    fn tags(&self) -> &Tags {
        // Groups cannot be tagged.
        static NONE: Tags = Tags::new();
        &NONE
    }
}

/// A group in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GroupView {
    path: String,
    group_name: String,
    group_id: String,
    arn: String,
    create_date: Timestamp,
}

impl GroupView {
    pub(crate) fn of(group: &Group, place: Place) -> Self {
        Self {
            path: group.head.path.clone(),
            group_name: group.head.name.clone(),
            group_id: group.head.id.clone(),
            arn: group.head.arn(Kind::Group, place).into(),
            create_date: group.head.created,
        }
    }
}
