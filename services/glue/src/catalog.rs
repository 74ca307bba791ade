//! The catalog of an account in a Region: its address, the names in it, and who may use them.
//!
//! "Each AWS account has a single Data Catalog in an AWS Region with the 12-digit account ID as the catalog ID":
//! <https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html>

use std::collections::BTreeMap;

use welkin_kernel::{Access, AccountId, Arn, Cx, LakeDemand, Place, Result};

use crate::database::Database;
use crate::errors::not_found;
use crate::{connection, lake, policy};

/// Where a catalog is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Catalog {
    pub(crate) place: Place,
}

/// What a call is about within a catalog. Names are folded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    Catalog,
    Database(&'a str),
    Table(&'a str, &'a str),
    Function(&'a str, &'a str),
    Connection(&'a str),
}

/// Folds the name of a database or table: "For Hive compatibility, this is folded to lowercase when it is stored":
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html>
pub(crate) fn fold(name: &str) -> String {
    name.to_lowercase()
}

impl Catalog {
    /// The catalog that a call names, by default the one of the caller's account.
    ///
    /// # Errors
    /// `EntityNotFoundException`: catalogs have the ids of accounts, as none of another kind can be created.
    pub(crate) fn of(cx: &Cx, id: Option<&str>) -> Result<Self> {
        let here = cx.here();
        let Some(id) = id else { return Ok(Self { place: here }) };
        match id.parse::<AccountId>() {
            Ok(account) => Ok(Self { place: Place::new(account, here.region) }),
            // UNVERIFIED: the wording.
            Err(_) => Err(not_found(format!("Catalog {id} not found."))),
        }
    }

    /// Its id.
    pub(crate) fn id(self) -> String {
        self.place.account.to_string()
    }

    /// Its ARN.
    pub(crate) fn arn(self) -> Arn {
        self.place.arn("glue", "catalog")
    }

    /// The ARNs of a thing and of all that it is in, as "all ancestors" must be permitted too, with their types in
    /// records of calls:
    /// <https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html>
    fn arns(self, subject: Subject<'_>) -> Vec<(Arn, &'static str)> {
        let catalog = (self.arn(), "AWS::Glue::Catalog");
        let database = |name: &str| (self.place.arn("glue", format_args!("database/{name}")), "AWS::Glue::Database");
        match subject {
            Subject::Catalog => vec![catalog],
            Subject::Database(name) => vec![catalog, database(name)],
            Subject::Table(of, name) => {
                let table = self.place.arn("glue", format_args!("table/{of}/{name}"));
                vec![catalog, database(of), (table, "AWS::Glue::Table")]
            }
            Subject::Function(of, name) => {
                let function = self.place.arn("glue", format_args!("userDefinedFunction/{of}/{name}"));
                vec![catalog, database(of), (function, "AWS::Glue::UserDefinedFunction")]
            }
            Subject::Connection(name) => {
                let connection = self.place.arn("glue", format_args!("connection/{name}"));
                vec![catalog, (connection, "AWS::Glue::Connection")]
            }
        }
    }

    /// The access that an operation demands: on the thing and on all that it is in, each under the resource policy of
    /// the catalog.
    // UNVERIFIED: which resource a record of a call names; here it is the thing itself.
    pub(crate) async fn access(self, cx: &mut Cx, operation: &str, subject: Subject<'_>) -> Result<Access> {
        let demand = lake::demand(self.place, operation, subject);
        Ok(self.access_by_iam(cx, operation, subject, demand.as_ref()).await?.lake(demand))
    }

    /// The access to a link through which something else is reached: that it may be seen.
    pub(crate) async fn access_to_link(self, cx: &mut Cx, operation: &str, subject: Subject<'_>) -> Result<Access> {
        let demand = lake::demand(self.place, "Get", subject);
        Ok(self.access_by_iam(cx, operation, subject, demand.as_ref()).await?.lake(demand))
    }

    async fn access_by_iam(
        self,
        cx: &mut Cx,
        operation: &str,
        subject: Subject<'_>,
        demand: Option<&LakeDemand>,
    ) -> Result<Access> {
        let mut policy = policy::json(cx, self.place).await?;
        let tags = self.tags(cx, subject).await?;
        let arns = self.arns(subject);
        let named: Vec<String> = arns.iter().map(|(arn, _)| arn.as_str().to_owned()).collect();
        if let Some(statement) = lake::shared(cx, self, operation, demand, &named).await? {
            policy = Some(lake::with_statement(policy.as_deref(), statement));
        }
        let last = arns.len() - 1;
        let mut all: Option<Access> = None;
        for (at, (arn, kind)) in arns.into_iter().enumerate() {
            let mut access = Access::to(format!("glue:{operation}")).on(arn).policy(policy.as_deref());
            // The database or connection, which is what has tags, stands behind the catalog.
            if at == 1 {
                access = access.resource_tags(&tags);
            }
            if at == last {
                access = access.recorded_as(kind);
            }
            all = Some(match all {
                Some(before) => before.and(access),
                None => access,
            });
        }
        // INVARIANT: there is always the catalog itself.
        Ok(all.unwrap_or_else(|| Access::to(format!("glue:{operation}"))))
    }

    async fn tags(self, cx: &mut Cx, subject: Subject<'_>) -> Result<BTreeMap<String, String>> {
        Ok(match subject {
            Subject::Catalog => BTreeMap::new(),
            Subject::Database(name) | Subject::Table(name, _) | Subject::Function(name, _) => {
                self.find(cx, name).await?.map(|database| database.tags).unwrap_or_default()
            }
            Subject::Connection(name) => {
                connection::find(cx, self.place, name).await?.map(|connection| connection.tags).unwrap_or_default()
            }
        })
    }

    /// Whether the caller may have a thing in a listing.
    ///
    /// # Errors
    /// Other ones than a denial.
    pub(crate) async fn permits(self, cx: &mut Cx, operation: &str, subject: Subject<'_>) -> Result<bool> {
        let access = self.access(cx, operation, subject).await?;
        match cx.authorise(&access).await {
            Ok(()) => Ok(true),
            Err(error) if error.is("AccessDeniedException") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The database of a folded name, if there is one.
    pub(crate) async fn find(self, cx: &mut Cx, name: &str) -> Result<Option<Database>> {
        cx.get::<Database>(self.place, name).await
    }

    /// The database of a folded name.
    ///
    /// # Errors
    /// `EntityNotFoundException`
    pub(crate) async fn database(self, cx: &mut Cx, name: &str) -> Result<Database> {
        match self.find(cx, name).await? {
            Some(database) => Ok(database),
            None => Err(not_found(format!("Database {name} not found."))),
        }
    }
}
