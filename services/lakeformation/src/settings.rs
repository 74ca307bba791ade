//! The settings of a data lake: who administers it, and what new databases and tables are open to.
//!
//! The settings are also what tells that an account uses Lake Formation at all: as long as there are none, IAM alone
//! decides, and nothing else is read. Whatever changes a data lake sees to it that there are some.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, Empty, IntoKey, Key, LakePermission, Operation, Place, Resource, Result, Scope,
};

use crate::errors::{invalid, not_implemented};
use crate::principal::{DataLakePrincipal, Grantee, IAM_ALLOWED, Who};

/// Administrators at most.
///
/// Source: <https://docs.aws.amazon.com/lake-formation/latest/dg/initial-lf-config.html>
const MOST_ADMINS: usize = 30;

const CROSS_ACCOUNT_VERSION: &str = "CROSS_ACCOUNT_VERSION";

/// The settings as they are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    admins: Vec<String>,
    read_only_admins: Vec<String>,
    /// Whether IAM alone decides on new databases.
    pub(crate) opens_databases: bool,
    /// Whether IAM alone decides on new tables.
    pub(crate) opens_tables: bool,
    cross_account_version: String,
    pub(crate) external_filtering: bool,
    pub(crate) full_table_access: bool,
    filtering_accounts: Vec<String>,
    session_tag_values: Vec<String>,
}

impl Default for Settings {
    /// "By default … the Use only IAM access control settings enabled":
    /// <https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html>
    fn default() -> Self {
        Self {
            admins: Vec::new(),
            read_only_admins: Vec::new(),
            opens_databases: true,
            opens_tables: true,
            cross_account_version: "1".to_owned(),
            external_filtering: false,
            full_table_access: false,
            filtering_accounts: Vec::new(),
            session_tag_values: Vec::new(),
        }
    }
}

impl Resource for Settings {
    const KIND: &'static str = "lakeformation/settings";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        Self::KEY.into_key()
    }
}

impl Settings {
    /// The key of the one row.
    pub(crate) const KEY: &str = "settings";

    /// The settings; `None` where Lake Formation has never been used.
    pub(crate) async fn find(cx: &mut Cx, place: Place) -> Result<Option<Self>> {
        cx.get::<Self>(place, Self::KEY).await
    }

    /// The settings, which from now on there are.
    pub(crate) async fn begin(cx: &mut Cx, place: Place) -> Result<Self> {
        if let Some(settings) = Self::find(cx, place).await? {
            return Ok(settings);
        }
        let settings = Self::default();
        cx.put(place, &settings).await?;
        Ok(settings)
    }

    pub(crate) fn is_admin(&self, who: &Who) -> bool {
        self.admins.iter().any(|admin| who.identity.as_ref() == Some(admin))
    }

    pub(crate) fn is_read_only_admin(&self, who: &Who) -> bool {
        self.read_only_admins.iter().any(|admin| who.identity.as_ref() == Some(admin))
    }

    /// Whether an engine of this account, whose session has these tags, is trusted to filter what it reads.
    pub(crate) fn trusts(&self, account: Option<AccountId>, tags: &BTreeMap<String, String>) -> bool {
        let listed = account.is_some_and(|account| self.filtering_accounts.contains(&account.to_string()));
        let tag = tags.get("LakeFormationAuthorizedCaller");
        self.external_filtering && listed && tag.is_some_and(|value| self.session_tag_values.contains(value))
    }
}

/// The account whose catalog a call names, by default the caller's.
///
/// # Errors
/// `EntityNotFoundException`: catalogs have the ids of accounts, as none of another kind can be created.
pub(crate) fn catalog_of(cx: &Cx, id: Option<&str>) -> Result<Place> {
    match id {
        None => Ok(cx.here()),
        Some(id) => match id.parse() {
            Ok(account) => Ok(Place::new(account, cx.here().region)),
            // UNVERIFIED: the wording.
            Err(_) => Err(crate::errors::not_found(format!("Catalog {id} not found."))),
        },
    }
}

/// The own catalog, for operations that are done in no other one.
pub(crate) fn own_catalog(cx: &Cx, id: Option<&str>) -> Result<Place> {
    let place = catalog_of(cx, id)?;
    match place.account == cx.account() {
        true => Ok(place),
        // UNVERIFIED: the wording.
        false => Err(crate::errors::denied(format!("Cross account access to catalog {} is denied.", place.account))),
    }
}

/// The settings as the API has them.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DataLakeSettings.html>
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DataLakeSettings {
    data_lake_admins: Option<Vec<DataLakePrincipal>>,
    read_only_admins: Option<Vec<DataLakePrincipal>>,
    create_database_default_permissions: Option<Vec<PrincipalPermissions>>,
    create_table_default_permissions: Option<Vec<PrincipalPermissions>>,
    parameters: Option<BTreeMap<String, String>>,
    trusted_resource_owners: Option<Vec<String>>,
    allow_external_data_filtering: Option<bool>,
    allow_full_table_external_data_access: Option<bool>,
    external_data_filtering_allow_list: Option<Vec<DataLakePrincipal>>,
    authorized_session_tag_value_list: Option<Vec<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrincipalPermissions {
    principal: Option<DataLakePrincipal>,
    permissions: Option<BTreeSet<LakePermission>>,
}

/// What "Use only IAM access control" is in the API.
fn defaults(open: bool) -> Option<Vec<PrincipalPermissions>> {
    let all = PrincipalPermissions {
        principal: Some(DataLakePrincipal::of(IAM_ALLOWED)),
        permissions: Some(BTreeSet::from([LakePermission::All])),
    };
    Some(if open { vec![all] } else { Vec::new() })
}

/// "The only permitted values are an empty array or an array that contains a single JSON object that grants ALL to
/// IAM_ALLOWED_PRINCIPALS", and "a null value indicates access control by Lake Formation permissions".
fn opens(permissions: Option<&[PrincipalPermissions]>) -> Result<bool> {
    match permissions {
        None | Some([]) => Ok(false),
        Some([one]) if one.is_iam_only() => Ok(true),
        // UNVERIFIED: the wording.
        Some(_) => Err(invalid("Default permissions can only grant ALL to IAM_ALLOWED_PRINCIPALS.")),
    }
}

impl PrincipalPermissions {
    fn is_iam_only(&self) -> bool {
        self.principal.as_ref().is_some_and(|principal| principal.is(IAM_ALLOWED))
            && self.permissions == Some(BTreeSet::from([LakePermission::All]))
    }
}

/// Users and roles: "Supported principals are IAM users or IAM roles".
fn administrators(named: Option<&[DataLakePrincipal]>) -> Result<Vec<String>> {
    let mut admins: Vec<String> = Vec::new();
    for principal in named.unwrap_or_default() {
        let identifier = principal.identifier.clone().unwrap_or_default();
        match principal.grantee()? {
            // UNVERIFIED: that a root user may be one, which AWS advises against.
            Grantee::Identity(_) if !admins.contains(&identifier) => admins.push(identifier),
            Grantee::Identity(_) => {}
            _ => return Err(invalid(format!("Invalid principal, {identifier}"))),
        }
    }
    match admins.len() <= MOST_ADMINS {
        true => Ok(admins),
        false => Err(invalid(format!("There can be at most {MOST_ADMINS} data lake administrators."))),
    }
}

impl DataLakeSettings {
    fn of(settings: Settings) -> Self {
        let named = |all: Vec<String>| Some(all.into_iter().map(DataLakePrincipal::of).collect());
        Self {
            data_lake_admins: named(settings.admins),
            read_only_admins: named(settings.read_only_admins),
            create_database_default_permissions: defaults(settings.opens_databases),
            create_table_default_permissions: defaults(settings.opens_tables),
            parameters: Some(BTreeMap::from([
                (CROSS_ACCOUNT_VERSION.to_owned(), settings.cross_account_version),
                ("SET_CONTEXT".to_owned(), "TRUE".to_owned()),
            ])),
            trusted_resource_owners: Some(Vec::new()),
            allow_external_data_filtering: Some(settings.external_filtering),
            allow_full_table_external_data_access: Some(settings.full_table_access),
            external_data_filtering_allow_list: named(settings.filtering_accounts),
            authorized_session_tag_value_list: Some(settings.session_tag_values),
        }
    }

    /// What is kept of it.
    ///
    /// # Errors
    /// `InvalidInputException`, `NotImplemented`
    fn read(&self) -> Result<Settings> {
        if self.trusted_resource_owners.as_ref().is_some_and(|owners| !owners.is_empty()) {
            return Err(not_implemented("trusted resource owners (TrustedResourceOwners)"));
        }
        let mut filtering_accounts = Vec::new();
        for principal in self.external_data_filtering_allow_list.as_deref().unwrap_or_default() {
            match principal.grantee()? {
                Grantee::Account(account) => filtering_accounts.push(account.to_string()),
                _ => return Err(invalid("ExternalDataFilteringAllowList takes the ids of accounts.")),
            }
        }
        Ok(Settings {
            admins: administrators(self.data_lake_admins.as_deref())?,
            read_only_admins: administrators(self.read_only_admins.as_deref())?,
            opens_databases: opens(self.create_database_default_permissions.as_deref())?,
            opens_tables: opens(self.create_table_default_permissions.as_deref())?,
            cross_account_version: self.cross_account_version()?,
            external_filtering: self.allow_external_data_filtering.unwrap_or_default(),
            full_table_access: self.allow_full_table_external_data_access.unwrap_or_default(),
            filtering_accounts,
            session_tag_values: self.authorized_session_tag_value_list.clone().unwrap_or_default(),
        })
    }

    fn cross_account_version(&self) -> Result<String> {
        let mut version = "1".to_owned();
        for (key, value) in self.parameters.iter().flatten() {
            match (key.as_str(), value.as_str()) {
                (CROSS_ACCOUNT_VERSION, "1" | "2" | "3" | "4" | "5") => version.clone_from(value),
                ("SET_CONTEXT", _) | ("SET_SOURCE_IDENTITY", "FALSE") => {}
                ("SET_SOURCE_IDENTITY", "TRUE") => {
                    return Err(not_implemented("source identities (SET_SOURCE_IDENTITY)"));
                }
                // UNVERIFIED: the wording.
                _ => return Err(invalid(format!("Invalid parameter {key}: {value}"))),
            }
        }
        Ok(version)
    }
}

/// Replaces the settings of a data lake. What is not given is not kept.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_PutDataLakeSettings.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutDataLakeSettings {
    catalog_id: Option<String>,
    data_lake_settings: DataLakeSettings,
}

impl Operation for PutDataLakeSettings {
    const NAME: &'static str = "PutDataLakeSettings";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:PutDataLakeSettings"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let settings = self.data_lake_settings.read()?;
        cx.put(place, &settings).await?;
        Ok(Empty {})
    }
}

/// Shows the settings of a data lake.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetDataLakeSettings.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataLakeSettings {
    catalog_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataLakeSettingsResponse {
    data_lake_settings: DataLakeSettings,
}

impl Operation for GetDataLakeSettings {
    const NAME: &'static str = "GetDataLakeSettings";
    type Output = GetDataLakeSettingsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GetDataLakeSettings"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetDataLakeSettingsResponse> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let settings = Settings::find(cx, place).await?.unwrap_or_default();
        Ok(GetDataLakeSettingsResponse { data_lake_settings: DataLakeSettings::of(settings) })
    }
}

/// Tells who the caller is to Lake Formation.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetDataLakePrincipal.html>
#[derive(Deserialize)]
pub(crate) struct GetDataLakePrincipal {}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataLakePrincipalResponse {
    identity: Option<String>,
}

impl Operation for GetDataLakePrincipal {
    const NAME: &'static str = "GetDataLakePrincipal";
    type Output = GetDataLakePrincipalResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GetDataLakePrincipal"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetDataLakePrincipalResponse> {
        let arn = cx.principal().arn(cx.region().partition());
        Ok(GetDataLakePrincipalResponse { identity: arn.map(String::from) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_left_out_is_controlled_by_lake_formation() {
        let read = DataLakeSettings::default().read().unwrap();
        assert!(!read.opens_databases && !read.opens_tables && read.admins.is_empty());
        let shown = DataLakeSettings::of(Settings::default()).read().unwrap();
        assert!(shown.opens_databases && shown.opens_tables);
    }

    #[test]
    fn only_users_and_roles_administer() {
        let with = |admin: &str| DataLakeSettings {
            data_lake_admins: Some(vec![DataLakePrincipal::of(admin)]),
            ..DataLakeSettings::default()
        };
        assert!(with("arn:aws:iam::111122223333:role/admin").read().is_ok());
        assert!(with("111122223333").read().unwrap_err().is("InvalidInputException"));
    }
}
