//! Replicas: the write of one, in the session of the replication role.
//!
//! A replica has the version id, the entity tag, the checksum and the time of its source, and the same bytes at rest:
//! they are copied as they are sealed, part by part. What changes is who may have the data key: it is decrypted with
//! the source's KMS key and encrypted with the replica's, so the role needs `kms:Decrypt` and `kms:Encrypt`.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html>

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result};

use super::failure::{Reason, of_kms};
use super::progress::Progress;
use super::replicate::Route;
use crate::acl::User;
use crate::bucket::Bucket;
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::content::{self, Piece};
use crate::encryption::bucket_key::{self, BucketKey};
use crate::encryption::{KmsPlan, Plan, Protection, check_key_id, data_key};
use crate::object::put::level_for;
use crate::object::version::{self, Found, Version};
use crate::object::{Content, Manifest, Object, access, get};
use crate::tags::Tags;

/// The write of a replica.
#[derive(Debug, Deserialize)]
pub(super) struct PutReplica {
    route: Route,
}

/// Both ends of a route, and what is brought along it.
pub(super) struct Ends {
    pub(super) source: Bucket,
    pub(super) destination: Bucket,
    pub(super) object: Object,
}

/// What is at rest of a replica before the transaction that makes it one.
#[derive(Clone)]
struct AtRest {
    pieces: Vec<Piece>,
    protection: Protection,
    /// Bucket-level keys that were made and decrypted on the way.
    made: Option<BucketKey>,
    decrypted: Option<BucketKey>,
}

impl Route {
    /// Opens both ends.
    ///
    /// # Errors
    /// If the version, or a bucket, has gone in the meantime.
    pub(super) async fn open(&self, cx: &mut Cx) -> Result<Ends> {
        let source = Bucket::open_anywhere(cx, &self.source).await?;
        let destination = Bucket::open_anywhere(cx, &self.destination).await?;
        match version::find(cx, &source, &self.key, Some(&self.version)).await? {
            Found::Object { object, .. } => Ok(Ends { source, destination, object: *object }),
            _ => Err(Reason::SrcVersionNotFound.error("the version is not there any more")),
        }
    }

    /// Demands an action on the version at the source.
    pub(super) fn read(&self, cx: &Cx, ends: &Ends, action: &'static str) -> Access {
        let access = ends.source.object_access(cx, action, &self.key).key("s3:VersionId", self.version.as_str());
        access::tagged(access, &ends.object.settings.tags)
    }
}

/// Demands something of the role now, so that a refusal has its reason.
pub(super) async fn demand(cx: &mut Cx, access: Access, reason: Reason) -> Result<Access> {
    reason.of_refusal(cx.authorise(&access).await)?;
    Ok(access)
}

/// Whether the role may do something that replication goes on without.
pub(super) async fn may(cx: &mut Cx, access: &Access) -> Result<bool> {
    match cx.authorise(access).await {
        Ok(()) => Ok(true),
        Err(error) if error.is("AccessDenied") => Ok(false),
        Err(error) => Err(error),
    }
}

impl Operation for PutReplica {
    const NAME: &str = "PutObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let (route, ends) = (&self.route, self.route.open(cx).await?);
        let configuration = ends.source.access(cx, "s3:GetReplicationConfiguration");
        // UNVERIFIED: the reason; S3 needs the permission to read the configuration.
        demand(cx, configuration, Reason::SrcBucketReplicationConfigMissing).await?;
        let read = self.reading(cx, &ends).await?;
        let list = route.read(cx, &ends, "s3:GetObjectVersionAcl");
        demand(cx, list, Reason::SrcGetAclNotPermitted).await?;
        if ends.source.object_lock.is_some() {
            let retention = route.read(cx, &ends, "s3:GetObjectRetention");
            demand(cx, retention, Reason::SrcGetRetentionNotPermitted).await?;
            let hold = route.read(cx, &ends, "s3:GetObjectLegalHold");
            demand(cx, hold, Reason::SrcGetLegalHoldNotPermitted).await?;
        }
        let write = demand(cx, self.writing(cx, &ends), Reason::DstPutObjectNotPermitted).await?;
        Ok(read.and(write))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let ends = self.route.open(cx).await?;
        let there = version::find(cx, &ends.destination, &self.route.key, Some(&self.route.version)).await?;
        if !matches!(there, Found::Nothing) {
            return Ok(Empty {});
        }
        let tags = self.tags(cx, &ends).await?;
        let mut at_rest = self.bring(cx, &ends).await?;
        if let Some(made) = at_rest.made.take() {
            bucket_key::keep(cx, &ends.destination, made).await?;
        }
        if let Some(decrypted) = at_rest.decrypted.take() {
            bucket_key::keep(cx, &ends.source, decrypted).await?;
        }
        let manifest = ends.object.manifest(cx, ends.source.place()).await?;
        let replica = self.replica(cx, &ends, tags, at_rest.protection);
        self.store(cx, &ends.destination, replica, manifest, at_rest.pieces).await?;
        Ok(Empty {})
    }
}

impl PutReplica {
    pub(super) fn along(route: &Route) -> Self {
        Self { route: route.clone() }
    }

    /// What it takes to read the source. Who may read versions may replicate them too, unless KMS guards them.
    async fn reading(&self, cx: &mut Cx, ends: &Ends) -> Result<Access> {
        let access = self.route.read(cx, ends, "s3:GetObjectVersionForReplication");
        let guarded = ends.object.protection.is_under_kms();
        if guarded || may(cx, &access).await? {
            return demand(cx, access, Reason::SrcGetObjectNotPermitted).await;
        }
        let access = self.route.read(cx, ends, "s3:GetObjectVersion");
        demand(cx, access, Reason::SrcGetObjectNotPermitted).await
    }

    fn writing(&self, cx: &Cx, ends: &Ends) -> Access {
        let access = ends.destination.object_access(cx, "s3:ReplicateObject", &self.route.key);
        let shown = ends.object.protection.shown();
        let access = match shown.algorithm {
            Some(algorithm) => access.key("s3:x-amz-server-side-encryption", algorithm),
            None => access,
        };
        match self.key_id().filter(|_| shown.key_id.is_some()) {
            Some(key) => access.key("s3:x-amz-server-side-encryption-aws-kms-key-id", key),
            None => access,
        }
    }

    /// The KMS key of the replica.
    fn key_id(&self) -> Option<&str> {
        self.route.rule.destination.encryption_configuration.as_ref()?.replica_kms_key_id.as_deref()
    }

    /// The tags of the replica: none, if the role may not read them or the destination forbids them.
    async fn tags(&self, cx: &mut Cx, ends: &Ends) -> Result<Tags> {
        let tags = &ends.object.settings.tags;
        if tags.is_empty() || !may(cx, &self.route.read(cx, ends, "s3:GetObjectVersionTagging")).await? {
            return Ok(Tags::new());
        }
        let write = ends.destination.object_access(cx, "s3:ReplicateTags", &self.route.key);
        // `s3:ReplicateObject` is enough for tags, so only a policy that says no keeps them back.
        Ok(if is_forbidden(cx, &write).await? { Tags::new() } else { tags.clone() })
    }

    /// Copies the bytes at rest and gives the data key to those who may read the replica.
    async fn bring(&self, cx: &mut Cx, ends: &Ends) -> Result<AtRest> {
        let (object, plan) = (&ends.object, self.plan(ends)?);
        // The bytes that an earlier run copied are not those of an object that was written since.
        cx.about(&object.content);
        let kept = data_key::kept(cx, &ends.source, &object.protection).await?;
        let level = match &plan {
            Some(plan) => level_for(cx, &ends.destination, &Plan::Kms(plan.clone())).await?,
            None => None,
        };
        let pieces = get::pieces(object, object.manifest(cx, ends.source.place()).await?);
        // A refusal is a result as well: the transaction goes on with it, to note that the object is not replicated.
        let brought = cx
            .stage(async |cx| {
                let brought = self.copy(cx, ends, plan.as_ref(), kept, level, &pieces).await;
                match brought {
                    Ok(at_rest) => Ok(Ok(at_rest)),
                    Err(error) => match Reason::of(&error) {
                        Some(reason) => Ok(Err((reason, error.to_string()))),
                        None => Err(error),
                    },
                }
            })
            .await?;
        brought.map_err(|(reason, message)| reason.error(message))
    }

    /// How the replica of an object under a KMS key is encrypted; `None` for others, which stay as they are.
    fn plan(&self, ends: &Ends) -> Result<Option<KmsPlan>> {
        let (context, bucket_key, dual) = match &ends.object.protection {
            Protection::Kms { context, .. } => (context, ends.destination.encryption.bucket_key, false),
            Protection::BucketKey { context, .. } => (context, true, false),
            Protection::Dual { context, .. } => (context, false, true),
            Protection::S3 { .. } | Protection::Customer { .. } => return Ok(None),
        };
        let key_id = self.key_id().unwrap_or_default();
        let missing = Reason::DstKmsKeyNotFound;
        check_key_id(key_id, ends.destination.region).map_err(|error| of_kms(error, missing, missing, missing))?;
        Ok(Some(KmsPlan { key_id: key_id.to_owned(), bucket_key, dual, context: context.clone() }))
    }

    async fn copy(
        &self,
        cx: &mut Cx,
        ends: &Ends,
        plan: Option<&KmsPlan>,
        kept: Option<BucketKey>,
        level: Option<BucketKey>,
        pieces: &[Piece],
    ) -> Result<AtRest> {
        let (protection, made, decrypted) = match plan {
            None => (ends.object.protection.clone(), None, None),
            Some(plan) => {
                let old = data_key::open(cx, &ends.source, &self.route.key, &ends.object.protection, None, kept).await;
                let (refused, unusable) = (Reason::SrcGetObjectNotPermitted, Reason::SrcKmsKeyInvalidState);
                let old = old.map_err(|error| of_kms(error, refused, unusable, unusable))?;
                let new = data_key::wrap(cx, &ends.destination, &self.route.key, plan, level, old.key).await;
                let (missing, unusable) = (Reason::DstKmsKeyNotFound, Reason::DstKmsKeyInvalidState);
                let new = new.map_err(|error| of_kms(error, Reason::DstPutObjectNotPermitted, missing, unusable))?;
                (new.protection, new.made, old.decrypted)
            }
        };
        let mut copies = Vec::with_capacity(pieces.len());
        for piece in pieces {
            copies.push(content::duplicate(cx, piece).await?);
        }
        Ok(AtRest { pieces: copies, protection, made, decrypted })
    }

    fn replica(&self, cx: &Cx, ends: &Ends, tags: Tags, protection: Protection) -> Object {
        let (to, rule) = (&ends.destination, &self.route.rule);
        let mut replica = Object { bucket: to.name.clone(), protection, ..ends.object.clone() };
        replica.replication = Some(Progress::replica(rule.destination.translates_owner()));
        replica.settings.tags = tags;
        replica.settings.restoration = None;
        replica.settings.tiering = None;
        if rule.destination.translates_owner() || !to.takes_lists() {
            (replica.settings.owner, replica.settings.acl) = (None, None);
        } else {
            let owner = ends.object.settings.owner(&ends.source);
            replica.settings.owner = Some(owner).filter(|owner| *owner != User::Account(to.owner));
        }
        if let Some(class) = &rule.destination.storage_class {
            replica.settings.storage_class = class.clone();
        }
        if let (Some(lock), None) = (&to.object_lock, replica.settings.lock.retention) {
            replica.settings.lock.retention = lock.retention(cx.now());
        }
        replica
    }

    /// Puts the replica among the versions of its key, with its content in place of the source's.
    async fn store(
        &self,
        cx: &mut Cx,
        bucket: &Bucket,
        mut replica: Object,
        manifest: Option<Manifest>,
        pieces: Vec<Piece>,
    ) -> Result<()> {
        let mut pieces = pieces.into_iter();
        if let Content::Whole(piece) = &mut replica.content
            && let Some(copy) = pieces.next()
        {
            *piece = copy;
        } else if let Some(mut manifest) = manifest {
            manifest.bucket = bucket.name.clone();
            for part in manifest.parts.iter_mut().filter_map(|part| part.1.as_mut()) {
                if let Some(copy) = pieces.next() {
                    *part = copy;
                }
            }
            cx.put(bucket.place(), &manifest).await?;
        }
        notify(cx, bucket, Happening::to("ObjectCreated:Put", &replica)).await?;
        version::store_replica(cx, bucket, Version::Object(Box::new(replica))).await
    }
}

/// Whether a policy says no, which is more than that none says yes.
pub(super) async fn is_forbidden(cx: &mut Cx, access: &Access) -> Result<bool> {
    match cx.authorise(access).await {
        Ok(()) => Ok(false),
        Err(error) => match error.answer() {
            Some(answer) if error.is("AccessDenied") => Ok(answer.message.contains("explicit deny")),
            _ => Err(error),
        },
    }
}
