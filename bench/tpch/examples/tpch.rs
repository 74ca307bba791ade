//! Answers TPC-H's queries: `tpch FOLDER SCALE` writes the tables into the folder unless they are there, and prints a
//! line of JSON for each query: `{"query": 1, "sql": …, "columns": [[name, type], …], "rows": [[text or null, …], …]}`.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use welkin_sql::{Column, Engine, Limits, Session, Value, show};
use welkin_tpch::{Failure, Lake, QUERIES, Scale, write};

#[tokio::main]
async fn main() -> ExitCode {
    let line: Vec<String> = std::env::args().skip(1).collect();
    let [folder, scale] = line.as_slice() else {
        eprintln!("usage: tpch FOLDER SCALE");
        return ExitCode::FAILURE;
    };
    match run(Path::new(folder), scale).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(folder: &Path, scale: &str) -> Result<(), Failure> {
    write(folder, Scale(scale.parse()?))?;
    let lake = Lake::tpch(folder);
    let engine = Engine::new(Limits::default())?;
    let session = Session { catalog: "awsdatacatalog".into(), schema: Some("tpch".into()), now: 0, seed: 1 };
    for (n, sql) in QUERIES.iter().enumerate() {
        let answer = answer(&engine, &session, &lake, sql).await.map_err(|why| format!("query {}: {why}", n + 1))?;
        let line = json!({"query": n + 1, "sql": sql, "columns": answer.0, "rows": answer.1});
        #[expect(clippy::print_stdout, reason = "what another program reads")]
        {
            println!("{line}");
        }
    }
    Ok(())
}

type Answer = (Vec<(String, String)>, Vec<Vec<Option<String>>>);

async fn answer(engine: &Engine, session: &Session, lake: &Lake, sql: &str) -> welkin_sql::Result<Answer> {
    let mut output = engine.query(sql, session, lake).await?;
    let columns = output.columns().to_vec();
    let shown = |(value, column): (&Value, &Column)| (!value.is_null()).then(|| show(&column.ty, value));
    let rows = output.all().await?;
    let rows = rows.iter().map(|row| row.iter().zip(&columns).map(shown).collect()).collect();
    Ok((columns.iter().map(|column| (column.name.clone(), column.ty.to_string())).collect(), rows))
}
