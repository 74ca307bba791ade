//! The files of Iceberg tables, read and written as the query's caller.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::json;
use welkin_sql::iceberg::Warehouse;
use welkin_sql::{Code, Result, SqlError};

use crate::run::bridge::{Bridge, bucket_and_key};

fn place(location: &str) -> Result<(&str, &str)> {
    let invalid = || SqlError::new(Code::IcebergInvalidMetadata, format!("Invalid location: {location}"));
    bucket_and_key(location).ok_or_else(invalid)
}

async fn get(bridge: &Bridge, location: &str) -> Result<Bytes> {
    let (bucket, key) = place(location)?;
    bridge.object(location, json!({ "Bucket": bucket, "Key": key })).await
}

async fn put(bridge: &Bridge, location: &str, bytes: Bytes) -> Result<()> {
    let (bucket, key) = place(location)?;
    let input = json!({
        "Bucket": bucket,
        "Key": key,
        "ContentLength": bytes.len(),
        "ContentType": "application/octet-stream",
    });
    bridge.write("PutObject", input, Some(bytes), location).await.map(drop)
}

impl Bridge {
    /// Removes an object.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(super) async fn remove(&self, location: &str) -> Result<()> {
        let (bucket, key) = place(location)?;
        self.write("DeleteObject", json!({ "Bucket": bucket, "Key": key }), None, location).await.map(drop)
    }
}

impl Warehouse for Bridge {
    fn get<'a>(&'a self, location: &'a str) -> BoxFuture<'a, Result<Bytes>> {
        Box::pin(get(self, location))
    }

    fn put<'a>(&'a self, location: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<()>> {
        Box::pin(put(self, location, bytes))
    }
}
