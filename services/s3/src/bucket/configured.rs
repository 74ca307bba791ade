//! Configurations of which a bucket may have many, each with an id: of inventory, metrics, analytics and tiers.
//!
//! Their operations are the same but for their names: [`configurations!`] makes them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Key, Page, Place, Resource, Result, Scope};

use super::Bucket;
use super::analytics::AnalyticsConfiguration;
use super::intelligent_tiering::IntelligentTieringConfiguration;
use super::inventory::InventoryConfiguration;
use super::metrics::MetricsConfiguration;
use crate::errors::{NoSuchConfiguration, TooManyConfigurations, invalid_argument};

/// Configurations of one kind that a bucket may have.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html>, and the pages of
/// the other kinds.
const MOST: usize = 1000;

/// Configurations that are listed at once.
const PAGE: usize = 100;

/// Characters of an id, at most.
const LONGEST_ID: usize = 64;

/// A kind of configuration, as the API has it.
pub(crate) trait Configuration: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What rows of it are called.
    const KIND: &'static str;

    /// Its id, as it says itself.
    fn id(&self) -> Option<&str>;

    /// Refuses what breaks its rules.
    fn check(&self) -> Result<()>;

    /// Does what there is to do when it is set.
    fn apply(&self, _: &mut Cx, _: &Bucket) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// A configuration of a bucket, in a row of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "T: Configuration")]
pub(crate) struct Kept<T> {
    bucket: String,
    id: String,
    pub(crate) configuration: T,
}

impl<T: Configuration> Resource for Kept<T> {
    const KIND: &'static str = T::KIND;
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket, self.id.as_bytes()).into_key()
    }
}

/// Sets a configuration, in place of the one with its id.
///
/// # Errors
/// `InvalidArgument`, `TooManyConfigurations`; those of the kind
pub(crate) async fn put<T: Configuration>(cx: &mut Cx, bucket: &Bucket, id: &str, given: &T) -> Result<()> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    // UNVERIFIED: the messages; that both ids must be the same one.
    if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(fits) {
        return Err(invalid_argument("The specified configuration id is not valid.", "id", id));
    }
    if given.id() != Some(id) {
        let message = "The id of the request and that of the configuration are not the same.";
        return Err(invalid_argument(message, "id", id));
    }
    given.check()?;
    let place = bucket.place();
    if cx.get::<Kept<T>>(place, (&bucket.name, id.as_bytes())).await?.is_none()
        && cx.list::<Kept<T>>(place, (&bucket.name,), Page::of(MOST, None)).await?.len() == MOST
    {
        return Err(TooManyConfigurations.into());
    }
    let kept = Kept { bucket: bucket.name.clone(), id: id.to_owned(), configuration: given.clone() };
    cx.put(place, &kept).await?;
    given.apply(cx, bucket).await
}

/// The configuration with an id.
///
/// # Errors
/// `NoSuchConfiguration`
pub(crate) async fn get<T: Configuration>(cx: &mut Cx, bucket: &Bucket, id: &str) -> Result<T> {
    match cx.get::<Kept<T>>(bucket.place(), (&bucket.name, id.as_bytes())).await? {
        Some(kept) => Ok(kept.configuration),
        None => Err(Error::from(NoSuchConfiguration)),
    }
}

/// Removes the configuration with an id.
///
/// # Errors
/// `NoSuchConfiguration`
pub(crate) async fn delete<T: Configuration>(cx: &mut Cx, bucket: &Bucket, id: &str) -> Result<()> {
    match cx.delete::<Kept<T>>(bucket.place(), (&bucket.name, id.as_bytes())).await? {
        Some(_) => Ok(()),
        None => Err(Error::from(NoSuchConfiguration)),
    }
}

/// The next configurations in the order of their ids, and the token for those after them.
///
/// # Errors
/// `InvalidArgument`
pub(crate) async fn page<T: Configuration>(
    cx: &mut Cx,
    bucket: &Bucket,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>)> {
    let after = token.map(|token| match BASE64.decode(token) {
        Ok(id) => Ok((&bucket.name, &id[..]).into_key()),
        Err(_) => Err(invalid_argument("The continuation token provided is incorrect", "continuation-token", token)),
    });
    let after = after.transpose()?;
    let rows = cx.list::<Kept<T>>(bucket.place(), (&bucket.name,), Page::of(PAGE + 1, after.as_ref())).await?;
    let next = match rows.get(PAGE - 1) {
        Some(last) if rows.len() > PAGE => Some(BASE64.encode(&last.id)),
        _ => None,
    };
    Ok((rows.into_iter().take(PAGE).map(|kept| kept.configuration).collect(), next))
}

/// Removes the configurations of a bucket that is deleted.
pub(crate) fn forget(cx: &mut Cx, place: Place, bucket: &str) -> Result<()> {
    cx.delete_all::<Kept<AnalyticsConfiguration>>(place, (bucket,))?;
    cx.delete_all::<Kept<IntelligentTieringConfiguration>>(place, (bucket,))?;
    cx.delete_all::<Kept<InventoryConfiguration>>(place, (bucket,))?;
    cx.delete_all::<Kept<MetricsConfiguration>>(place, (bucket,))
}

/// Declares the four operations of a kind of configuration: setting one, telling one, listing, removing one.
macro_rules! configurations {
    (
        $type:ident, $member:ident, $list_member:ident, reads: $reads:literal, writes: $writes:literal,
        $put:ident, $get:ident -> $got:ident, $list:ident -> $listed:ident, $delete:ident
    ) => {
        /// Sets a configuration of the bucket, in place of the one with its id.
        ///
        #[doc = concat!("<https://docs.aws.amazon.com/AmazonS3/latest/API/API_", stringify!($put), ".html>")]
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $put {
            bucket: String,
            id: String,
            $member: $type,
        }

        configurations!(@operation $put, Empty, $writes, |this, cx, bucket| {
            configured::put(cx, &bucket, &this.id, &this.$member).await?;
            Ok(Empty {})
        });

        /// Tells a configuration of the bucket.
        ///
        #[doc = concat!("<https://docs.aws.amazon.com/AmazonS3/latest/API/API_", stringify!($get), ".html>")]
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $get {
            bucket: String,
            id: String,
        }

        #[doc = concat!("Answer of [`", stringify!($get), "`].")]
        #[derive(Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $got {
            $member: $type,
        }

        configurations!(@operation $get, $got, $reads, |this, cx, bucket| {
            Ok($got { $member: configured::get(cx, &bucket, &this.id).await? })
        });

        /// Lists the configurations of the bucket.
        ///
        #[doc = concat!("<https://docs.aws.amazon.com/AmazonS3/latest/API/API_", stringify!($list), ".html>")]
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $list {
            bucket: String,
            continuation_token: Option<String>,
        }

        #[doc = concat!("Answer of [`", stringify!($list), "`].")]
        #[derive(Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $listed {
            is_truncated: bool,
            continuation_token: Option<String>,
            next_continuation_token: Option<String>,
            $list_member: Vec<$type>,
        }

        configurations!(@operation $list, $listed, $reads, |this, cx, bucket| {
            let (list, next) = configured::page(cx, &bucket, this.continuation_token.as_deref()).await?;
            Ok($listed {
                is_truncated: next.is_some(),
                continuation_token: this.continuation_token.clone(),
                next_continuation_token: next,
                $list_member: list,
            })
        });

        /// Removes a configuration of the bucket.
        ///
        #[doc = concat!("<https://docs.aws.amazon.com/AmazonS3/latest/API/API_", stringify!($delete), ".html>")]
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $delete {
            bucket: String,
            id: String,
        }

        configurations!(@operation $delete, Empty, $writes, |this, cx, bucket| {
            configured::delete::<$type>(cx, &bucket, &this.id).await?;
            Ok(Empty {})
        });
    };
    (@operation $name:ident, $output:ident, $action:literal, |$this:ident, $cx:ident, $bucket:ident| $run:block) => {
        impl Operation for $name {
            const NAME: &str = stringify!($name);
            type Output = $output;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                Ok(Bucket::open(cx, &self.bucket).await?.access(cx, $action))
            }

            async fn run(&self, $cx: &mut Cx) -> Result<$output> {
                let ($this, $bucket) = (self, Bucket::open($cx, &self.bucket).await?);
                $run
            }
        }
    };
}
pub(crate) use configurations;
