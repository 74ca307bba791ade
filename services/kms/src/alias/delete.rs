//! `DeleteAlias`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Result};

use super::{Alias, check_name, on_both};
use crate::errors::NotFoundException;
use crate::key::Key;
use crate::{key_id, quota};

/// Takes a name from a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAlias {
    alias_name: String,
}

impl DeleteAlias {
    async fn alias(&self, cx: &mut Cx) -> Result<Alias> {
        let here = cx.here();
        let missing =
            || NotFoundException::because(format!("Alias {} is not found.", here.arn("kms", &self.alias_name)));
        cx.get::<Alias>(here, &self.alias_name).await?.ok_or_else(missing)
    }
}

impl Operation for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        check_name(&self.alias_name)?;
        let alias = self.alias(cx).await?;
        let here = cx.here();
        let target = key_id::find_key(cx, here, &alias.target, None).await?;
        on_both(cx, "DeleteAlias", "kms:DeleteAlias", &self.alias_name, &target).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms DeleteAlias", 15))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        let alias = self.alias(cx).await?;
        if let Some(mut key) = cx.get::<Key>(here, &alias.target).await? {
            key.aliases.remove(&alias.name);
            cx.put(here, &key).await?;
        }
        cx.delete::<Alias>(here, &alias.name).await?;
        Ok(Empty {})
    }
}
