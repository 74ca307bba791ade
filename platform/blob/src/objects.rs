//! The engine for object stores: each blob is an object `PREFIX/blobs/ID`, which holds its frames.

mod transfer;

use crate::{
    BlobId, Error, Mark, OpenError, Scrubbed, Swept,
    frame::{Run, unframed},
    sweep::Moment,
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart,
    aws::{AmazonS3Builder, S3ConditionalPut},
    memory::InMemory,
    path::Path,
};
use percent_encoding::percent_decode_str;
use std::{ops::Range, sync::Arc};

/// Parts of one upload that are under way at a time.
const PARTS_UNDER_WAY: usize = 2;

/// Blobs in an object store.
#[derive(Clone)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Objects {
    pub(crate) fn in_memory() -> Self {
        Self { store: Arc::new(InMemory::new()), prefix: Path::default() }
    }

    /// Opens `s3://BUCKET/PREFIX?PARAMETERS`. Parameters: `endpoint`, `region`, `access_key_id`,
    /// `secret_access_key`, `session_token`, `virtual_hosted` (`true` or `false`). Without keys those of the
    /// environment (`AWS_ACCESS_KEY_ID` and so on) are used, and without those what the machine's role gives.
    /// `AWS_ENDPOINT_URL` is not: it is how clients find *this* program.
    pub(crate) fn s3(url: &str) -> Result<Self, OpenError> {
        let refused = |detail: String| OpenError {
            message: "cannot open the S3-compatible blob store".to_owned(),
            detail,
            hint: "write `s3://BUCKET/PREFIX?endpoint=URL&region=REGION`".to_owned(),
        };
        let rest = url.strip_prefix("s3://").ok_or_else(|| refused("the URL does not begin with s3://".to_owned()))?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err(refused("the bucket is missing".to_owned()));
        }
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut builder =
            AmazonS3Builder::new().with_bucket_name(bucket).with_conditional_put(S3ConditionalPut::Disabled);
        if let Some(region) = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")) {
            builder = builder.with_region(region);
        }
        if let (Some(key), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            builder = builder.with_access_key_id(key).with_secret_access_key(secret);
            if let Some(token) = variable("AWS_SESSION_TOKEN") {
                builder = builder.with_token(token);
            }
        }
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            builder = match name {
                "endpoint" => builder.with_allow_http(value.starts_with("http://")).with_endpoint(value),
                "region" => builder.with_region(value),
                "access_key_id" => builder.with_access_key_id(value),
                "secret_access_key" => builder.with_secret_access_key(value),
                "session_token" => builder.with_token(value),
                "virtual_hosted" => match value.parse() {
                    Ok(virtual_hosted) => builder.with_virtual_hosted_style_request(virtual_hosted),
                    Err(_) => return Err(refused("`virtual_hosted` is neither true nor false".to_owned())),
                },
                _ => return Err(refused(format!("the parameter `{name}` is unknown"))),
            };
        }
        let store = builder.build().map_err(|error| refused(error.to_string()))?;
        Ok(Self { store: Arc::new(store), prefix: Path::from(prefix) })
    }

    pub(crate) async fn put(&self, id: BlobId, frames: Bytes) -> Result<(), Error> {
        let result = self.store.put(&self.path(id), frames.into()).await;
        result.map(drop).map_err(|error| Error::of_object(id, error))
    }

    pub(crate) async fn upload(&self, id: BlobId, part: usize) -> Result<Upload, Error> {
        let upload = self.store.put_multipart(&self.path(id)).await.map_err(|error| Error::of_object(id, error))?;
        Ok(Upload { id, writer: Some(WriteMultipart::new_with_chunk_size(upload, part)) })
    }

    pub(crate) async fn open_blob(&self, id: BlobId, frames: Range<u64>) -> Result<Body, Error> {
        let options = GetOptions { range: Some(GetRange::Bounded(frames)), ..GetOptions::default() };
        let result = self.store.get_opts(&self.path(id), options).await;
        let bytes = result.map_err(|error| Error::of_object(id, error))?.into_stream();
        Ok(Body { id, bytes, left: BytesMut::new() })
    }

    pub(crate) async fn exists(&self, id: BlobId) -> Result<(), Error> {
        self.store.head(&self.path(id)).await.map(drop).map_err(|error| Error::of_object(id, error))
    }

    pub(crate) async fn delete(&self, id: BlobId) -> Result<(), Error> {
        self.store.delete(&self.path(id)).await.map_err(|error| Error::of_object(id, error))
    }

    /// The object store's own clock tells what is older: an object is written now and its time is kept.
    pub(crate) async fn mark(&self) -> Result<Mark, Error> {
        let path = self.prefix.clone().join("mark");
        let failed = |error: object_store::Error| Error::Unavailable(error.to_string());
        self.store.put(&path, PutPayload::default()).await.map_err(failed)?;
        let meta = self.store.head(&path).await.map_err(failed)?;
        Ok(Mark(Moment::Object(Box::new(meta))))
    }

    pub(crate) async fn sweep(&self, mark: &Mark, live: impl Fn(&BlobId) -> bool + Send) -> Result<Swept, Error> {
        let Moment::Object(mark) = &mark.0 else { return Err(Error::Foreign) };
        let mut swept = Swept::default();
        let mut objects = self.list();
        while let Some((id, object)) = objects.try_next().await? {
            if object.last_modified < mark.last_modified && !live(&id) {
                match self.delete(id).await {
                    Ok(()) => {
                        swept.blobs += 1;
                        swept.bytes += object.size;
                    }
                    Err(Error::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(swept)
    }

    pub(crate) async fn scrub(&self) -> Result<Scrubbed, Error> {
        let mut scrubbed = Scrubbed::default();
        let mut objects = self.list();
        while let Some((id, object)) = objects.try_next().await? {
            let intact = match unframed(object.size) {
                Some(length) => self.verify(id, length).await,
                None => Err(Error::Damaged(id)),
            };
            match intact {
                Ok(()) => scrubbed.count(id, None, object.size, true),
                Err(Error::NotFound(_)) => {}
                Err(Error::Damaged(_)) => scrubbed.count(id, None, object.size, false),
                Err(error) => return Err(error),
            }
        }
        Ok(scrubbed)
    }

    async fn verify(&self, id: BlobId, length: u64) -> Result<(), Error> {
        let mut rest = 0..length;
        if rest.is_empty() {
            return Ok(());
        }
        let mut body = self.open_blob(id, 0..crate::frame::framed(length)).await?;
        while !rest.is_empty() {
            let run = Run::first(rest.clone(), length, 4);
            let frames = body.read((run.frames.end - run.frames.start) as usize).await?;
            run.blocks(id, frames)?;
            rest.start = run.end();
        }
        Ok(())
    }

    fn list(&self) -> BoxStream<'static, Result<(BlobId, object_store::ObjectMeta), Error>> {
        let folder = self.prefix.clone().join("blobs");
        let objects = self.store.list(Some(&folder)).map_err(|error| Error::Unavailable(error.to_string()));
        let blobs = objects.try_filter_map(|object| async move {
            let id = object.location.filename().and_then(BlobId::parse);
            Ok(id.map(|id| (id, object)))
        });
        blobs.boxed()
    }

    fn path(&self, id: BlobId) -> Path {
        self.prefix.clone().join("blobs").join(id.to_string())
    }
}

/// An object that is being written in parts.
pub(crate) struct Upload {
    id: BlobId,
    writer: Option<WriteMultipart>,
}

impl Upload {
    pub(crate) async fn write(&mut self, frames: Vec<u8>) -> Result<(), Error> {
        let Some(writer) = &mut self.writer else { return Err(Error::NotFound(self.id)) };
        writer.wait_for_capacity(PARTS_UNDER_WAY).await.map_err(|error| Error::of_object(self.id, error))?;
        writer.put(frames.into());
        Ok(())
    }

    pub(crate) async fn finish(mut self, frames: Vec<u8>) -> Result<(), Error> {
        self.write(frames).await?;
        let Some(writer) = self.writer.take() else { return Err(Error::NotFound(self.id)) };
        writer.finish().await.map(drop).map_err(|error| Error::of_object(self.id, error))
    }
}

impl Drop for Upload {
    /// Asks the object store to forget the parts.
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let id = self.id;
            runtime.spawn(async move {
                if let Err(error) = writer.abort().await {
                    tracing::warn!(%id, %error, "an unfinished upload could not be aborted");
                }
            });
        }
    }
}

/// The body of an object.
pub(crate) struct Body {
    id: BlobId,
    bytes: BoxStream<'static, object_store::Result<Bytes>>,
    left: BytesMut,
}

impl Body {
    /// The next `length` bytes.
    pub(crate) async fn read(&mut self, length: usize) -> Result<Bytes, Error> {
        while self.left.len() < length {
            match self.bytes.next().await {
                Some(Ok(bytes)) => self.left.extend_from_slice(&bytes),
                Some(Err(error)) => return Err(Error::of_object(self.id, error)),
                None => return Err(Error::Damaged(self.id)),
            }
        }
        Ok(self.left.split_to(length).freeze())
    }
}
