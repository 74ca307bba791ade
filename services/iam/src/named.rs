//! What a request names by one text and what can be tagged: instance profiles, MFA devices, server certificates,
//! identity providers.

use std::future::Future;

use welkin_kernel::{Access, Cx, Error, Place, Resource, Result};

use crate::access;
use crate::tag::Tags;

/// A kind of thing that requests name by a name or an ARN.
pub(crate) trait Named: Resource {
    /// Its type in CloudTrail, if AWS has one.
    const RECORDED_AS: Option<&'static str> = None;

    /// The one of this name in the present account.
    fn find(cx: &mut Cx, name: &str) -> impl Future<Output = Result<Option<Self>>> + Send;

    /// Its ARN.
    fn arn(&self, place: Place) -> String;

    /// The ARN that one of this name would have.
    fn arn_of(place: Place, name: &str) -> String;

    /// There is none of this name.
    fn missing(name: &str) -> Error;

    /// Its tags.
    fn tags(&self) -> &Tags;

    /// Its tags, to be changed.
    fn tags_mut(&mut self) -> &mut Tags;
}

/// The one of this name, which must exist.
pub(crate) async fn known<T: Named>(cx: &mut Cx, name: &str) -> Result<T> {
    T::find(cx, name).await?.ok_or_else(|| T::missing(name))
}

/// Demands `action` on the one of this name, whether it exists or not: whoever may not act on it does not learn which.
pub(crate) async fn demand<T: Named>(cx: &mut Cx, action: &'static str, name: &str) -> Result<Access> {
    let access = access::to(cx, action)?;
    let access = match T::find(cx, name).await? {
        Some(found) => access.on(found.arn(cx.here())).resource_tags(found.tags()),
        None => access.on(T::arn_of(cx.here(), name)),
    };
    // What an ARN of another account names is looked for in the caller's, and is not there.
    let access = access.owned_by(cx.account());
    Ok(match T::RECORDED_AS {
        Some(kind) => access.recorded_as(kind),
        None => access,
    })
}

/// The operations on the tags of one kind of thing.
macro_rules! tagging {
    ($kind:ty, $name:ident $wire:literal:
        $tag:ident $tag_action:literal, $untag:ident $untag_action:literal,
        $list:ident $list_action:literal) => {
        /// Adds tags, or gives those that are there other values.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($tag), ".html>")]
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $tag {
            #[serde(rename = $wire)]
            $name: String,
            tags: Vec<crate::tag::Tag>,
        }

        impl welkin_kernel::Operation for $tag {
            const NAME: &'static str = stringify!($tag);
            type Output = welkin_kernel::Empty;

            async fn access(&self, cx: &mut welkin_kernel::Cx) -> welkin_kernel::Result<welkin_kernel::Access> {
                let access = crate::named::demand::<$kind>(cx, $tag_action, &self.$name).await?;
                Ok(access.request_tags(&crate::tag::read(Some(&self.tags))?))
            }

            async fn run(&self, cx: &mut welkin_kernel::Cx) -> welkin_kernel::Result<welkin_kernel::Empty> {
                let mut found = crate::named::known::<$kind>(cx, &self.$name).await?;
                crate::tag::add(crate::named::Named::tags_mut(&mut found), crate::tag::read(Some(&self.tags))?)?;
                cx.put(cx.here(), &found).await?;
                Ok(welkin_kernel::Empty {})
            }
        }

        /// Removes tags.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($untag), ".html>")]
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $untag {
            #[serde(rename = $wire)]
            $name: String,
            tag_keys: Vec<String>,
        }

        impl welkin_kernel::Operation for $untag {
            const NAME: &'static str = stringify!($untag);
            type Output = welkin_kernel::Empty;

            async fn access(&self, cx: &mut welkin_kernel::Cx) -> welkin_kernel::Result<welkin_kernel::Access> {
                let access = crate::named::demand::<$kind>(cx, $untag_action, &self.$name).await?;
                Ok(access.tag_keys(self.tag_keys.iter().cloned()))
            }

            async fn run(&self, cx: &mut welkin_kernel::Cx) -> welkin_kernel::Result<welkin_kernel::Empty> {
                let mut found = crate::named::known::<$kind>(cx, &self.$name).await?;
                crate::tag::remove(crate::named::Named::tags_mut(&mut found), &self.tag_keys);
                cx.put(cx.here(), &found).await?;
                Ok(welkin_kernel::Empty {})
            }
        }

        /// Lists the tags, by key.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($list), ".html>")]
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $list {
            #[serde(rename = $wire)]
            $name: String,
            marker: Option<String>,
            max_items: Option<u32>,
        }

        impl welkin_kernel::Operation for $list {
            const NAME: &'static str = stringify!($list);
            type Output = crate::tag::TagPage;

            async fn access(&self, cx: &mut welkin_kernel::Cx) -> welkin_kernel::Result<welkin_kernel::Access> {
                crate::named::demand::<$kind>(cx, $list_action, &self.$name).await
            }

            async fn run(&self, cx: &mut welkin_kernel::Cx) -> welkin_kernel::Result<crate::tag::TagPage> {
                let found = crate::named::known::<$kind>(cx, &self.$name).await?;
                let wanted = crate::page::Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
                crate::tag::TagPage::of(crate::named::Named::tags(&found), wanted)
            }
        }
    };
}

pub(crate) use tagging;
