//! What is to be replicated: decided when it is written, deleted or changed, in the same transaction.

use welkin_kernel::{Cx, Result, Schedule};

use super::Replication;
use super::progress::Progress;
use super::replicate::{Replicate, What};
use super::rule::{Rule, THRESHOLD, are_v2, foremost};
use super::threshold::Missed;
use crate::bucket::Bucket;
use crate::bucket::versioning::Versioning;
use crate::object::Object;
use crate::object::version::Marker;

/// Has a new version replicated, if rules say so. To be called before it is stored, since its row tells of it.
pub(crate) async fn written(cx: &mut Cx, bucket: &Bucket, object: &mut Object) -> Result<()> {
    if bucket.versioning != Some(Versioning::Enabled) {
        return Ok(());
    }
    let Some(replication) = Replication::of(cx, bucket).await? else { return Ok(()) };
    start(cx, bucket, object, &foremost(replication.rules.iter().filter(|rule| rule.takes(object))), What::Object).await
}

/// Has a change of an object's settings replicated to where the object was; of a replica's, if the rules say so.
/// To be called before the change is stored.
pub(crate) async fn changed(cx: &mut Cx, bucket: &Bucket, object: &mut Object, what: What) -> Result<()> {
    let Some(replication) = Replication::of(cx, bucket).await? else { return Ok(()) };
    let progress = object.replication.clone().unwrap_or_default();
    let leads = |rule: &Rule| match progress.is_replica() {
        true => rule.takes_modifications(),
        false => rule.destination.bucket_name().is_ok_and(|name| progress.leads_to(name)),
    };
    // Lists of who may do what are no business of another owner.
    let is_shared = |rule: &Rule| what != What::Acl || !(progress.own || rule.destination.translates_owner());
    // Which tags an object has decides whether it is replicated, but not whether its changes are.
    let is_about = |rule: &&Rule| rule.is_enabled() && object.key.starts_with(rule.key_prefix());
    let rules = replication.rules.iter().filter(is_about).filter(|rule| leads(rule) && is_shared(rule));
    let rules = foremost(rules);
    start(cx, bucket, object, &rules, what).await
}

/// Has a delete marker replicated that a user made.
pub(crate) async fn marked(cx: &mut Cx, bucket: &Bucket, marker: &Marker) -> Result<()> {
    if marker.version.is_none() {
        return Ok(());
    }
    let Some(replication) = Replication::of(cx, bucket).await? else { return Ok(()) };
    let v2 = are_v2(&replication.rules);
    let mut rules = Vec::new();
    for rule in &replication.rules {
        let to = cx.get::<Bucket>(bucket.place(), (rule.destination.bucket_name()?,)).await?;
        let same_owner = to.is_some_and(|to| to.owner == bucket.owner);
        if rule.takes_marker(&marker.key, v2, same_owner) {
            rules.push(rule);
        }
    }
    for rule in foremost(rules.into_iter()) {
        let job = Replicate::new(cx, rule, bucket, &marker.key, marker.version.clone(), What::Marker)?;
        job.enqueue(cx, bucket).await?;
    }
    Ok(())
}

pub(super) async fn start(
    cx: &mut Cx,
    bucket: &Bucket,
    object: &mut Object,
    rules: &[&Rule],
    what: What,
) -> Result<()> {
    for rule in rules {
        let job = Replicate::new(cx, rule, bucket, &object.key, object.version.clone(), what)?;
        job.enqueue(cx, bucket).await?;
        if rule.destination.is_timed() {
            let missed = Missed { of: job.clone() };
            let due = Schedule::at(cx.after(THRESHOLD)).id(missed.id());
            cx.enqueue_at(bucket.place(), &missed, due).await?;
        }
        object.replication.get_or_insert_with(Progress::default).expect(&job.destination);
    }
    Ok(())
}
