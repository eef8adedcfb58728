//! A real HTTP server on this machine, for tests: it answers what it was told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// However slow a machine is, a request has come after this.
const LONG: Duration = Duration::from_secs(30);

/// Answers one request after the other.
pub(super) struct Server {
    address: SocketAddr,
    requests: Receiver<String>,
}

impl Server {
    /// A server with these statuses (and headers) for the next requests; the last one is
    /// given to all that follow.
    pub(super) fn answering(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (sender, requests) = channel();
        // The thread ends with the process.
        thread::spawn(move || {
            let last = answers.last().cloned().expect("at least one answer");
            for answer in answers.into_iter().chain(std::iter::repeat(last)) {
                let Ok((stream, _)) = listener.accept() else { return };
                if sender.send(served(stream, &answer)).is_err() {
                    return;
                }
            }
        });
        Self { address, requests }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The next request.
    pub(super) fn next(&self) -> String {
        self.requests.recv_timeout(LONG).expect("a request comes")
    }

    /// The requests that have come: at least one, which is waited for.
    pub(super) fn requests(&self) -> Vec<String> {
        std::iter::once(self.next()).chain(self.requests.try_iter()).collect()
    }
}

fn served(stream: TcpStream, answer: &str) -> String {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return request;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        request += &line;
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body comes whole");
    request += &String::from_utf8_lossy(&body);
    let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // A client that has seen enough may be gone.
    let _ = reader.get_mut().write_all(answer.as_bytes());
    request
}
