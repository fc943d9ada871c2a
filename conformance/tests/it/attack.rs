//! The suite under attack by what it judges: pages and answers without end, packed or not.

use flate2::Compression;
use flate2::write::GzEncoder;
use myinfo_conformance::http::{self, PAGE_LIMIT, Unread};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

/// A server that answers one request with this head, and then with this piece again and again, until nobody reads on.
fn endless(head: &'static str, piece: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes());
        while stream.write_all(&piece).is_ok() {}
    });
    address
}

async fn read(address: SocketAddr, limit: usize) -> Result<Vec<u8>, Unread> {
    // as a browser: packed answers are unpacked
    let client = http::builder().gzip(true).build().unwrap();
    http::whole(client.get(format!("http://{address}/")).send().await.unwrap(), limit).await
}

#[tokio::test]
async fn a_page_without_end_is_read_up_to_a_limit() {
    let address = endless("Connection: close\r\n", vec![b'x'; 65_536]);
    assert!(matches!(read(address, PAGE_LIMIT).await, Err(Unread::TooLong(PAGE_LIMIT))));
}

#[tokio::test]
async fn a_packed_page_is_measured_unpacked() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..64 {
        packer.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < PAGE_LIMIT / 8, "it would pass if it were measured as it is sent");
    let address = endless("Connection: close\r\nContent-Encoding: gzip\r\n", bomb);
    assert!(matches!(read(address, PAGE_LIMIT).await, Err(Unread::TooLong(PAGE_LIMIT))));
}

#[tokio::test]
async fn what_has_the_size_of_the_limit_is_read_whole() {
    let address = endless("Content-Length: 65536\r\n", vec![b'x'; 65_536]);
    assert_eq!(read(address, 65_536).await.unwrap().len(), 65_536);
}

/// The Rust files below a folder, with their texts.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn one_reader_reads_everything_foreign() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 50);
    for (path, text) in files {
        // the load generator speaks to a server of its own
        if path.ends_with("src/http.rs") || path.ends_with("src/bench.rs") {
            continue;
        }
        for unbounded in [".text().await", ".bytes().await", ".json().await", ".chunk().await", ".bytes_stream()"] {
            assert!(!text.contains(unbounded), "{path} reads an answer without a limit: use http::whole, text or json");
        }
    }
}
