//! A table: its key, its address, and what is stored of it.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod find;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::{ResourceNotFoundException, invalid};

/// A table as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// Where its items are: a table of the same name that is made later has others.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) status: Status,
    pub(crate) protected: bool,
    pub(crate) partition: KeyAttribute,
    pub(crate) sort: Option<KeyAttribute>,
}

/// An attribute of a table's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyAttribute {
    pub(crate) name: String,
    /// `S`, `N` or `B`.
    pub(crate) kind: String,
}

/// What a table is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Creating,
    Active,
    Deleting,
}

impl Resource for Table {
    const KIND: &'static str = "dynamodb/table";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

/// The name of a table or its ARN, as callers write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct TableName(String);

/// Where a table is, whether or not there is one.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) place: Place,
    pub(crate) name: String,
}

impl TableName {
    /// The address: in the caller's account unless it is an ARN.
    ///
    /// # Errors
    /// `ValidationException`
    pub(crate) fn address(&self, cx: &Cx) -> Result<Address> {
        let (place, name) = match self.0.parse::<Arn>() {
            Ok(arn) => {
                let place = arn.account().zip(arn.region()).map(|(account, region)| Place::new(account, region));
                let name = arn.resource().strip_prefix("table/").filter(|_| arn.service() == "dynamodb");
                let parts = place.zip(name.map(str::to_owned));
                parts.ok_or_else(|| invalid(format_args!("Invalid table/index name: {}", self.0)))?
            }
            Err(_) => (cx.here(), self.0.clone()),
        };
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if !plain || !(3..=255).contains(&name.len()) {
            return Err(invalid(
                "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may \
                 contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'",
            ));
        }
        Ok(Address { place, name })
    }
}

impl Address {
    pub(crate) fn arn(&self) -> Arn {
        self.place.arn("dynamodb", format_args!("table/{}", self.name))
    }

    /// The access to the table that an action needs.
    pub(crate) fn access(&self, action: &'static str) -> Access {
        Access::to(action).on(self.arn()).recorded_as("AWS::DynamoDB::Table")
    }

    /// The table, if there is one.
    pub(crate) async fn look(&self, cx: &mut Cx) -> Result<Option<Table>> {
        cx.get::<Table>(self.place, self.name.as_str()).await
    }

    /// The table, whatever it is doing.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Table> {
        self.look(cx).await?.ok_or_else(|| {
            ResourceNotFoundException::because(format!("Requested resource not found: Table: {} not found", self.name))
        })
    }

    /// The table, whose items can be used.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn active(&self, cx: &mut Cx) -> Result<Table> {
        let table = self.look(cx).await?;
        table.filter(|table| table.status == Status::Active).ok_or_else(|| ResourceNotFoundException.into())
    }
}
