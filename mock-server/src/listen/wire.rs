//! A connection's socket: it gives up on a client that does not take its answer, and tells when the client left.

use bytes::Bytes;
use futures_util::FutureExt;
use hyper::body::{Body, Frame, SizeHint};
use std::io::{self, ErrorKind, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use warp::reply::Response;

/// How many bytes of a waiting answer a client takes at least while the server is patient.
const PROGRESS: usize = 4 * 1024;
/// How often it is looked whether the client is there, while its answer waits.
const LOOK: Duration = Duration::from_secs(1);

/// The socket of a connection, under HTTP, TLS and tunnels alike.
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    patience: Duration,
    /// Set while the client does not take what is there for it.
    late: Option<Late>,
}

struct Late {
    end: Pin<Box<Sleep>>,
    taken: usize,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream: Arc::new(stream), patience, late: None }
    }

    /// Another handle of the socket, which costs no descriptor.
    pub(crate) fn handle(&self) -> Arc<TcpStream> {
        Arc::clone(&self.stream)
    }

    /// By which an answer that waits notices that its client left.
    pub(crate) fn departure(&self) -> Departure {
        Departure(Arc::downgrade(&self.stream))
    }

    fn write_with(
        &mut self,
        context: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            if self.stream.poll_write_ready(context)?.is_pending() {
                return self.run_out_of_patience(context).map(Err);
            }
            match write(&self.stream) {
                Ok(taken) => {
                    if let Some(late) = &mut self.late {
                        late.taken += taken;
                    }
                    return Poll::Ready(Ok(taken));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn run_out_of_patience(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        self.late.take_if(|late| late.taken >= PROGRESS);
        let patience = self.patience;
        let late = self.late.get_or_insert_with(|| Late { end: Box::pin(tokio::time::sleep(patience)), taken: 0 });
        ready!(late.end.as_mut().poll(context));
        Poll::Ready(io::Error::new(ErrorKind::TimedOut, "the client did not take its answer in time"))
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read(into.initialize_unfilled()) {
                Ok(read) => {
                    into.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write_with(context, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write_with(context, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Whoever flushes has handed over everything: the client is not late any more.
    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.late = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(match socket2::SockRef::from(&*self.stream).shutdown(Shutdown::Write) {
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
            ended => ended,
        })
    }
}

/// Tells whether a client left. It keeps no connection open.
#[derive(Clone)]
pub(crate) struct Departure(Weak<TcpStream>);

/// An answer as it goes out.
pub(crate) type Outgoing = warp::http::Response<Attended>;

impl Departure {
    /// The answer, ended when the client leaves while it waits.
    pub(crate) fn attend(self, answer: Response) -> Outgoing {
        answer.map(|body| Attended::new(body, self))
    }

    /// A client that closed its sending half counts as gone; it is asked about only while its answer waits.
    fn has_left(&self) -> bool {
        let Some(stream) = self.0.upgrade() else { return true };
        let ready = stream.ready(Interest::READABLE).now_or_never();
        ready.is_some_and(|ready| ready.map_or(true, Ready::is_read_closed))
    }
}

/// The body of an answer, which ends when the client leaves while it waits for more.
///
/// hyper does not look: a client may close its sending half and still read. While there is something to send, a client
/// that left is noticed by that; an answer that says nothing would wait for ever, and hold its descriptor.
pub(crate) struct Attended {
    body: Pin<Box<dyn Body<Data = Bytes, Error = warp::Error> + Send>>,
    departure: Departure,
    look: Option<Pin<Box<Sleep>>>,
}

impl Attended {
    fn new(body: impl Body<Data = Bytes, Error = warp::Error> + Send + 'static, departure: Departure) -> Self {
        Self { body: Box::pin(body), departure, look: None }
    }
}

/// Why an attended body ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttendedError {
    #[error("the client left while its answer waited")]
    Left,
    #[error(transparent)]
    Body(warp::Error),
}

impl Body for Attended {
    type Data = Bytes;
    type Error = AttendedError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = this.body.as_mut().poll_frame(context) {
            this.look = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(AttendedError::Body)));
        }
        loop {
            let look = this.look.get_or_insert_with(|| Box::pin(tokio::time::sleep(LOOK)));
            ready!(look.as_mut().poll(context));
            this.look = None;
            if this.departure.has_left() {
                return Poll::Ready(Some(Err(AttendedError::Left)));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// The two ends of a connection; the server's is patient for a moment only.
    async fn pair() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        (Socket::new(server, Duration::from_millis(50)), client)
    }

    /// A body that never says anything.
    struct Silent;

    impl Body for Silent {
        type Data = Bytes;
        type Error = warp::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
            Poll::Pending
        }
    }

    /// What the body says next. A test that waits for ever would tell nothing.
    async fn next(body: &mut Attended) -> Option<Result<Frame<Bytes>, AttendedError>> {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
        tokio::time::timeout(Duration::from_secs(20), frame).await.expect("it ends")
    }

    async fn write_much(socket: &mut Socket) -> io::Result<()> {
        let much = vec![0; 256 * 1024];
        for _ in 0..200 {
            socket.write_all(&much).await?;
        }
        socket.flush().await
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_ends() {
        let (mut server, _client) = pair().await;
        assert_eq!(write_much(&mut server).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_answer_that_is_read_arrives_whole() {
        let (mut server, mut client) = pair().await;
        let writing = tokio::spawn(async move { write_much(&mut server).await });
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.unwrap();
        assert_eq!(all.len(), 200 * 256 * 1024);
        writing.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn an_answer_that_waits_ends_when_its_client_leaves() {
        let (server, client) = pair().await;
        let mut body = Attended::new(Silent, server.departure());
        drop(client);
        assert!(matches!(next(&mut body).await, Some(Err(AttendedError::Left))));
    }

    #[tokio::test]
    async fn what_a_client_sent_ahead_does_not_hide_that_it_left() {
        let (server, mut client) = pair().await;
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut body = Attended::new(Silent, server.departure());
        assert!(!body.departure.has_left());
        drop(client);
        assert!(matches!(next(&mut body).await, Some(Err(AttendedError::Left))));
    }
}
