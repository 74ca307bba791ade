//! One large object: a multipart upload and a download that is read as it comes.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Args;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;

use crate::canned::Canned;
use crate::client::{Connection, Spec};
use crate::compare::{Compare, Target};
use crate::failure::{Failure, Result};
use crate::process::{MemoryWatch, resident_kb};
use crate::scenario::s3::body;
use crate::server::Server;
use crate::world::{World, element};
use crate::{Program, screen};

#[derive(Args, Clone, Debug)]
pub(crate) struct Stream {
    #[command(flatten)]
    program: Program,
    /// moto's server, to be run beside
    #[arg(long, value_name = "FILE")]
    moto: Option<PathBuf>,
    /// ministack, to be run beside
    #[arg(long, value_name = "FILE")]
    ministack: Option<PathBuf>,
    /// Parts of 16 MiB
    #[arg(long, default_value_t = 64)]
    parts: u64,
}

const PART: usize = 16 * 1024 * 1024;

impl Stream {
    /// 1 GiB, with the programs of `compare`.
    pub(crate) fn full(compare: &Compare) -> Self {
        Self { program: compare.program.clone(), moto: compare.moto.clone(), ministack: None, parts: 64 }
    }

    pub(crate) async fn run(self) -> Result<()> {
        let welkin = Target::welkin(&self.program).await?;
        screen::line(
            "| server | object MiB | upload MiB/s | download MiB/s | resident before MB | most in upload MB | most in download MB |",
        );
        screen::line("|---|---:|---:|---:|---:|---:|---:|");
        self.bare(&welkin).await?;
        self.disk(welkin.server.folder())?;
        for parts in [self.parts / 4, self.parts] {
            self.target("Welkin", &welkin, parts.max(1)).await?;
        }
        welkin.server.stop().await;
        if let Some(program) = &self.moto {
            let moto = Target::of(Server::moto(program).await?).await?;
            self.target("moto", &moto, self.parts).await?;
            moto.server.stop().await;
        }
        if let Some(program) = &self.ministack {
            let ministack = Target::of(Server::ministack(program).await?).await?;
            self.target("ministack", &ministack, self.parts).await?;
            ministack.server.stop().await;
        }
        Ok(())
    }

    async fn target(&self, name: &str, target: &Target, parts: u64) -> Result<()> {
        // What the server gave back to the machine after its last work, it does not hold now.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (world, pid) = (&target.world, target.server.pid);
        let before = resident_kb(pid);
        let mut connection = world.connect().await?;
        let path = format!("/{}/stream/{parts}", world.bucket);
        let watch = MemoryWatch::start(pid);
        let start = Instant::now();
        upload(&mut connection, &path, parts).await?;
        let (up, most_up) = (start.elapsed(), watch.finish());
        let watch = MemoryWatch::start(pid);
        let start = Instant::now();
        download(&mut connection, &path, parts, true).await?;
        let (down, most_down) = (start.elapsed(), watch.finish());
        row(name, parts, up, down, [before, most_up, most_down]);
        Ok(())
    }

    /// The disk itself: a file of as many bytes, written by the part, synced, and read again.
    fn disk(&self, folder: &Path) -> Result<()> {
        let path = folder.join("plain");
        let start = Instant::now();
        let mut file = File::create(&path)?;
        for number in 1..=self.parts {
            file.write_all(&body(PART, number))?;
        }
        file.sync_all()?;
        let up = start.elapsed();
        let start = Instant::now();
        let (mut file, mut buffer, mut read) = (File::open(&path)?, vec![0; 256 * 1024], 0);
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                some => read += some as u64,
            }
        }
        let down = start.elapsed();
        std::fs::remove_file(path)?;
        row("the disk itself", read / PART as u64, up, down, [0; 3]);
        Ok(())
    }

    /// The bare server takes parts and gives as many bytes back.
    async fn bare(&self, welkin: &Target) -> Result<()> {
        let tag = http::HeaderValue::from_static("\"00000000000000000000000000000000\"");
        let headers: HeaderMap = [(http::header::ETAG, tag)].into_iter().collect();
        let taken = Canned { status: StatusCode::OK, headers: headers.clone(), body: Bytes::new() };
        let server = Server::bare(&taken, None).await?;
        let world = welkin.world.canned(server.address, None);
        let before = resident_kb(server.pid);
        let watch = MemoryWatch::start(server.pid);
        let mut connection = world.connect().await?;
        let start = Instant::now();
        for number in 1..=self.parts {
            put_part(&mut connection, "/bucket/key", "upload", number).await?;
        }
        let (up, most_up) = (start.elapsed(), watch.finish());
        server.stop().await;
        let given = Canned { status: StatusCode::OK, headers, body: body(64 * 1024, 0) };
        let server = Server::bare(&given, Some(self.parts * PART as u64)).await?;
        let watch = MemoryWatch::start(server.pid);
        let mut connection = welkin.world.canned(server.address, None).connect().await?;
        let start = Instant::now();
        download(&mut connection, "/bucket/key", self.parts, false).await?;
        let (down, most_down) = (start.elapsed(), watch.finish());
        row("bare hyper", self.parts, up, down, [before, most_up, most_down]);
        server.stop().await;
        Ok(())
    }
}

fn row(name: &str, parts: u64, up: Duration, down: Duration, memory: [u64; 3]) {
    let size = (parts * PART as u64) as f64 / f64::from(1 << 20);
    let [before, most_up, most_down] = memory.map(|kb| kb as f64 / 1024.0);
    screen::line(&format!(
        "| {name} | {size:.0} | {:.0} | {:.0} | {before:.1} | {most_up:.1} | {most_down:.1} |",
        size / up.as_secs_f64(),
        size / down.as_secs_f64()
    ));
}

/// Uploads and downloads an object of two parts, and holds the bytes against each other.
pub(crate) async fn smoke(target: &Target) -> Result<()> {
    let world: &World = &target.world;
    let mut connection = world.connect().await?;
    let path = format!("/{}/stream/smoke", world.bucket);
    upload(&mut connection, &path, 2).await?;
    download(&mut connection, &path, 2, true).await?;
    screen::line("S3 multipart upload and streamed download: every byte right");
    Ok(())
}

async fn put_part(connection: &mut Connection, path: &str, upload: &str, number: u64) -> Result<String> {
    let query = format!("partNumber={number}&uploadId={upload}");
    let answer = connection.call(Spec::s3("PUT", path.to_owned(), &query, body(PART, number))).await?;
    let tag = answer.headers.get("etag").ok_or("a part has no ETag")?;
    tag.to_str().map(str::to_owned).map_err(Failure::of)
}

async fn upload(connection: &mut Connection, path: &str, parts: u64) -> Result<()> {
    let created = connection.call(Spec::s3("POST", path.to_owned(), "uploads=", Bytes::new())).await?.text();
    let id = element(&created, "UploadId")?;
    let mut list = String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for number in 1..=parts {
        let tag = put_part(connection, path, id, number).await?;
        list.push_str(&format!("<Part><ETag>{tag}</ETag><PartNumber>{number}</PartNumber></Part>"));
    }
    list.push_str("</CompleteMultipartUpload>");
    let query = format!("uploadId={id}");
    let answer = connection.call(Spec::s3("POST", path.to_owned(), &query, list.into())).await?.text();
    element(&answer, "ETag").map(drop)
}

/// Reads an object as it comes, without keeping it; `exactly` holds every byte against what was put.
async fn download(connection: &mut Connection, path: &str, parts: u64, exactly: bool) -> Result<()> {
    let request = connection.sign(Spec::s3("GET", path.to_owned(), "", Bytes::new()), 0)?;
    let response = connection.start(request).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("GET {path}: {}", response.status()).into());
    }
    let mut response = response.into_body();
    let (mut got, mut number, mut part) = (0, 0, Bytes::new());
    while let Some(frame) = response.frame().await {
        let Ok(mut data) = frame?.into_data() else { continue };
        got += data.len() as u64;
        while exactly && !data.is_empty() {
            if part.is_empty() {
                number += 1;
                part = body(PART, number);
            }
            let size = part.len().min(data.len());
            if part.split_to(size) != data.split_to(size) {
                return Err(format!("GET {path}: wrong bytes in part {number}").into());
            }
        }
    }
    if got == parts * PART as u64 { Ok(()) } else { Err(format!("GET {path}: {got} bytes").into()) }
}
