//! What the Data Catalog and the engines ask of Lake Formation.

use futures_util::future::BoxFuture;
use welkin_kernel::{Cx, DataLake, LakeRights, LakeThing, Place, Principal, Result};

use super::{held, target};
use crate::filter::Filter;
use crate::grant::Grant;
use crate::opt_in::OptIn;
use crate::principal::IAM_ALLOWED;
use crate::settings::Settings;
use crate::tag::assign;

/// Lake Formation, as other services know it.
pub(crate) struct Lake;

impl DataLake for Lake {
    fn rights<'a>(
        &'a self,
        cx: &'a mut Cx,
        principal: &'a Principal,
        place: Place,
        thing: &'a LakeThing,
    ) -> BoxFuture<'a, Result<LakeRights>> {
        Box::pin(async move {
            match cx.exists::<Settings>(place, Settings::KEY).await? {
                // IAM alone decides: nothing else is read.
                false => Ok(LakeRights::open()),
                true => Ok(held(cx, principal, place, thing).await?.rights()),
            }
        })
    }

    fn opens_tables<'a>(&'a self, cx: &'a mut Cx, place: Place) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move { Ok(Settings::find(cx, place).await?.is_none_or(|settings| settings.opens_tables)) })
    }

    fn created<'a>(
        &'a self,
        cx: &'a mut Cx,
        place: Place,
        thing: &'a LakeThing,
        open: Option<bool>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(created(cx, place, thing, open))
    }

    fn deleted<'a>(&'a self, cx: &'a mut Cx, place: Place, thing: &'a LakeThing) -> BoxFuture<'a, Result<()>> {
        Box::pin(deleted(cx, place, thing))
    }
}

/// What Lake Formation controls has a row that says that IAM alone does not.
async fn created(cx: &mut Cx, place: Place, thing: &LakeThing, open: Option<bool>) -> Result<()> {
    let open = match (open, thing) {
        (Some(open), _) => open,
        (None, LakeThing::Database(_)) => {
            Settings::find(cx, place).await?.is_none_or(|settings| settings.opens_databases)
        }
        (None, _) => Settings::find(cx, place).await?.is_none_or(|settings| settings.opens_tables),
    };
    if !open {
        Settings::begin(cx, place).await?;
        let closed = Grant::none(cx, place.account, target(thing), IAM_ALLOWED);
        cx.put(place, &closed).await?;
    }
    Ok(())
}

async fn deleted(cx: &mut Cx, place: Place, thing: &LakeThing) -> Result<()> {
    if Settings::find(cx, place).await?.is_none() {
        return Ok(());
    }
    let account = place.account;
    match thing {
        LakeThing::Database(database) => {
            cx.delete_all::<Grant>(place, (account, database))?;
            cx.delete_all::<Filter>(place, (database,))?;
            cx.delete_all::<OptIn>(place, (database,))?;
            assign::clear(cx, place, database, None).await
        }
        LakeThing::Table(database, table) => {
            cx.delete_all::<Grant>(place, (account, database, table))?;
            cx.delete_all::<Filter>(place, (database, table))?;
            cx.delete_all::<OptIn>(place, (database, table))?;
            assign::clear(cx, place, database, Some(table)).await
        }
        LakeThing::Catalog | LakeThing::Location(_) => Ok(()),
    }
}
