//! Runs queries on DataFusion alone. What to run comes in as one JSON document, what came of each query goes out as a
//! line of JSON: `bench/src/sql/peer.rs` holds the other end.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::time::Instant;

use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::prelude::{JsonReadOptions, ParquetReadOptions, SessionContext};
use serde::Deserialize;

/// What to run.
#[derive(Deserialize)]
struct Work {
    /// Tables by name: a folder of Parquet, or of JSON lines in gzip.
    tables: BTreeMap<String, Source>,
    queries: Vec<String>,
    rounds: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Parquet(String),
    Lines(String),
}

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let work: Work = serde_json::from_str(&text)?;
    let context = SessionContext::new();
    for (name, source) in &work.tables {
        match source {
            Source::Parquet(folder) => context.register_parquet(name, folder, ParquetReadOptions::default()).await?,
            Source::Lines(folder) => {
                let gzip = FileCompressionType::GZIP;
                let options =
                    JsonReadOptions::default().file_extension(".json.gz").file_compression_type(gzip);
                context.register_json(name, folder, options).await?;
            }
        }
    }
    for query in &work.queries {
        let (mut times, mut rows) = (Vec::new(), 0);
        for _ in 0..work.rounds {
            let start = Instant::now();
            let batches = context.sql(query).await?.collect().await?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            rows = batches.iter().map(|batch| batch.num_rows()).sum();
        }
        writeln!(std::io::stdout(), "{}", serde_json::json!({ "rows": rows, "times": times }))?;
    }
    Ok(())
}
