//! Expressions over LF-tags that have a name.
//!
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/managing-tag-expressions.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Cx, Empty, IntoKey, Key, LakePermission, Operation, Page, Place, Resource as Stored, Result, Scope,
};

use super::{Expression, LfTag, caller, hold_catalog};
use crate::errors::{invalid, not_found};
use crate::grant::Grant;
use crate::page::page;
use crate::principal::Who;
use crate::resource::{By, Target};
use crate::rights;
use crate::settings::{Settings, own_catalog};

/// An expression as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Named {
    name: String,
    description: Option<String>,
    pub(crate) expression: Expression,
    created_by: Option<String>,
}

impl Stored for Named {
    const KIND: &'static str = "lakeformation/expression";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Named {
    pub(crate) async fn find(cx: &mut Cx, place: Place, name: &str) -> Result<Option<Self>> {
        cx.get::<Self>(place, name).await
    }

    /// # Errors
    /// `EntityNotFoundException`
    pub(crate) async fn get(cx: &mut Cx, place: Place, name: &str) -> Result<Self> {
        // UNVERIFIED: the wording.
        Self::find(cx, place, name).await?.ok_or_else(|| not_found(format!("LF-tag expression {name} not found.")))
    }

    pub(crate) async fn permits(
        &self,
        cx: &mut Cx,
        place: Place,
        who: &Who,
        permission: LakePermission,
    ) -> Result<bool> {
        let settings = Settings::find(cx, place).await?.unwrap_or_default();
        if settings.is_admin(who) || who.made(self.created_by.as_deref()) {
            return Ok(true);
        }
        let sees = permission == LakePermission::Describe;
        if sees && settings.is_read_only_admin(who) {
            return Ok(true);
        }
        let target = Target::Expression { name: self.name.clone() };
        let grants = Grant::under(cx, place, place.account, ("", "", "expression")).await?;
        Ok(grants.iter().any(|grant| {
            let has = grant.has(&[permission]) || (sees && !grant.permissions.is_empty());
            grant.target == target && who.is(&grant.principal) && has
        }))
    }

    async fn hold(&self, cx: &mut Cx, place: Place, permission: LakePermission) -> Result<()> {
        let who = caller(cx).await?;
        match self.permits(cx, place, &who, permission).await? {
            true => Ok(()),
            false => Err(rights::refusal(permission, &self.name)),
        }
    }

    fn shown(self, place: Place) -> LfTagExpression {
        LfTagExpression {
            name: self.name,
            description: self.description,
            catalog_id: place.account.to_string(),
            expression: self.expression.shown(),
        }
    }
}

/// An expression as the API shows it.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_LFTagExpression.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LfTagExpression {
    name: String,
    description: Option<String>,
    catalog_id: String,
    expression: Vec<LfTag>,
}

/// Gives an expression a name.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_CreateLFTagExpression.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateLFTagExpression {
    name: String,
    description: Option<String>,
    catalog_id: Option<String>,
    expression: Vec<LfTag>,
}

impl Operation for CreateLFTagExpression {
    const NAME: &'static str = "CreateLFTagExpression";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:CreateLFTagExpression"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let who = hold_catalog(cx, place, LakePermission::CreateLfTagExpression).await?;
        let expression = Expression::read(&self.expression)?;
        expression.hold_known(cx, place).await?;
        if Named::find(cx, place, &self.name).await?.is_some() {
            // UNVERIFIED: the error; the model has none of this name for the operation.
            return Err(invalid(format!("LF-tag expression {} already exists.", self.name)));
        }
        Settings::begin(cx, place).await?;
        let (name, description) = (self.name.clone(), self.description.clone());
        cx.put(place, &Named { name, description, expression, created_by: who.identity }).await?;
        Ok(Empty {})
    }
}

/// Replaces an expression.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_UpdateLFTagExpression.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateLFTagExpression {
    name: String,
    description: Option<String>,
    catalog_id: Option<String>,
    expression: Vec<LfTag>,
}

impl Operation for UpdateLFTagExpression {
    const NAME: &'static str = "UpdateLFTagExpression";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:UpdateLFTagExpression"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let mut named = Named::get(cx, place, &self.name).await?;
        named.hold(cx, place, LakePermission::Alter).await?;
        let expression = Expression::read(&self.expression)?;
        expression.hold_known(cx, place).await?;
        named.expression = expression;
        if self.description.is_some() {
            named.description.clone_from(&self.description);
        }
        cx.put(place, &named).await?;
        Ok(Empty {})
    }
}

/// Shows an expression.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetLFTagExpression.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetLFTagExpression {
    name: String,
    catalog_id: Option<String>,
}

impl Operation for GetLFTagExpression {
    const NAME: &'static str = "GetLFTagExpression";
    type Output = LfTagExpression;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GetLFTagExpression"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<LfTagExpression> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let named = Named::get(cx, place, &self.name).await?;
        named.hold(cx, place, LakePermission::Describe).await?;
        Ok(named.shown(place))
    }
}

/// Deletes an expression that nothing was granted by.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DeleteLFTagExpression.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteLFTagExpression {
    name: String,
    catalog_id: Option<String>,
}

impl Operation for DeleteLFTagExpression {
    const NAME: &'static str = "DeleteLFTagExpression";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:DeleteLFTagExpression"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let named = Named::get(cx, place, &self.name).await?;
        named.hold(cx, place, LakePermission::Drop).await?;
        // UNVERIFIED: that it cannot be deleted while something is granted by it, and the wording.
        for grant in Grant::under(cx, place, place.account, ("", "", "policy")).await? {
            if matches!(&grant.target, Target::Policy { by: By::Name(name), .. } if *name == named.name) {
                return Err(invalid(format!("LF-tag expression {} is used by grants.", named.name)));
            }
        }
        for grant in Grant::under(cx, place, place.account, ("", "", "expression")).await? {
            if matches!(&grant.target, Target::Expression { name } if *name == named.name) {
                grant.remove(cx, place).await?;
            }
        }
        cx.delete::<Named>(place, &named.name).await?;
        Ok(Empty {})
    }
}

/// Lists the expressions that the caller may see.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListLFTagExpressions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListLFTagExpressions {
    catalog_id: Option<String>,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ListLFTagExpressionsResponse {
    #[serde(rename = "LFTagExpressions")]
    expressions: Vec<LfTagExpression>,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

impl Operation for ListLFTagExpressions {
    const NAME: &'static str = "ListLFTagExpressions";
    type Output = ListLFTagExpressionsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:ListLFTagExpressions"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListLFTagExpressionsResponse> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let who = caller(cx).await?;
        let mut found = Vec::new();
        for named in cx.list::<Named>(place, (), Page::ALL).await? {
            if named.permits(cx, place, &who, LakePermission::Describe).await? {
                found.push(named.shown(place));
            }
        }
        let (expressions, next_token) = page(found, self.max_results, self.next_token.as_deref())?;
        Ok(ListLFTagExpressionsResponse { expressions, next_token })
    }
}
