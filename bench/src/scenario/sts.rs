//! STS.

use crate::client::{Answer, Spec};
use crate::failure::Result;
use crate::world::{World, element};

pub(crate) fn get_caller_identity() -> Spec {
    Spec::form("sts", "Action=GetCallerIdentity&Version=2011-06-15".to_owned())
}

pub(crate) fn check(world: &World, answer: &Answer) -> Result<()> {
    let text = answer.text();
    let arn = element(&text, "Arn")?;
    if arn == world.user_arn { Ok(()) } else { Err(format!("{arn} is not {}", world.user_arn).into()) }
}
