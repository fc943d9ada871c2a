//! The other end of the driver protocol: a driver of this process, spoken to in JSON lines.

use super::stdio::PREFIX;
use super::{Driver, DriverError};
use crate::connector::setup::Setup;
use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};

/// Answers every message until `bye`, or until there are no more.
///
/// # Errors
/// When the streams break.
pub async fn serve(
    driver: &mut dyn Driver,
    messages: impl AsyncBufRead + Unpin,
    mut answers: impl AsyncWrite + Unpin,
) -> Result<()> {
    let mut lines = messages.lines();
    while let Some(line) = lines.next_line().await? {
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
        let mut answer = answer(driver, kind, &message).await;
        if let (Some(members), Some(id)) = (answer.as_object_mut(), message.get("id")) {
            members.insert("id".to_owned(), id.clone());
        }
        answers.write_all(format!("{PREFIX}{answer}\n").as_bytes()).await?;
        answers.flush().await?;
        if kind == "bye" {
            break;
        }
    }
    Ok(())
}

async fn answer(driver: &mut dyn Driver, kind: &str, message: &Value) -> Value {
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
    match kind {
        "hello" => json!(driver.hello()),
        "configure" => {
            let setup: Option<Setup> =
                message.get("setup").and_then(|setup| serde_json::from_value(setup.clone()).ok());
            match setup {
                Some(setup) => told(&driver.configure(&setup).await),
                None => json!({"result": "config_error", "message": "the setup cannot be read"}),
            }
        }
        "start" => told(&driver.start().await),
        "callback" => told(&driver.callback(text("session"), text("url")).await),
        "reset" => told(&driver.reset().await.map(|()| json!({}))),
        "bye" => json!({}),
        _ => json!({"unsupported": true}),
    }
}

fn told(answer: &Result<impl Serialize, DriverError>) -> Value {
    match answer {
        Ok(answer) => json!(answer),
        Err(error) => json!({"outcome": "crash", "message": error.to_string()}),
    }
}
