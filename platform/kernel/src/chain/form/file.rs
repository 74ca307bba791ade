//! The file of a form, as the body of the object that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Frame;
use memchr::memmem;
use welkin_sigv4::ErrorKind;
use welkin_sigv4::post_policy::Policy;
use welkin_wire::{BodyError, Route};

use super::multipart::{Multipart, malformed};
use crate::chain::authenticate::refusal;

/// Bytes after the file that are read, so that the connection can be used again.
const EPILOGUE: usize = 64 * 1024;

/// Streams the file up to the next delimiter; its size must be what the policy permits.
pub(super) struct File {
    form: Multipart,
    policy: Option<Policy>,
    route: Route,
    size: u64,
    state: State,
}

enum State {
    Reading,
    /// The file has ended; this much of what follows has been read.
    After(usize),
    Done,
}

impl File {
    pub(super) fn new(form: Multipart, policy: Option<Policy>, route: Route) -> Self {
        Self { form, policy, route, size: 0, state: State::Reading }
    }

    /// The bytes that are certainly the file's, and whether it ends after them.
    fn take(&mut self) -> (Bytes, bool) {
        let Multipart { buffer, delimiter, .. } = &mut self.form;
        match memmem::find(buffer, delimiter) {
            Some(at) => (buffer.split_to(at).freeze(), true),
            // The end may be the beginning of a delimiter.
            None => (buffer.split_to(buffer.len().saturating_sub(delimiter.len())).freeze(), false),
        }
    }

    /// Counts bytes; too many are an error at once, too few at the end.
    fn count(&mut self, bytes: usize, ends: bool) -> Result<(), BodyError> {
        self.size = self.size.saturating_add(bytes as u64);
        let Some(policy) = &self.policy else { return Ok(()) };
        if !ends && policy.max_size().is_none_or(|max| self.size <= max) {
            return Ok(());
        }
        policy.check_size(self.size).map_err(|error| refusal(&self.route, &ErrorKind::Post(error)).into())
    }
}

impl http_body::Body for File {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            match self.state {
                State::Done => return Poll::Ready(None),
                State::After(read) => match ready!(Pin::new(&mut self.form.body).poll_frame(cx)) {
                    Some(Ok(frame)) => {
                        let read = read + frame.data_ref().map_or(0, Bytes::len);
                        self.state = if read > EPILOGUE { State::Done } else { State::After(read) };
                    }
                    Some(Err(_)) | None => self.state = State::Done,
                },
                State::Reading => {
                    let (bytes, ends) = self.take();
                    if ends {
                        self.state = State::After(0);
                    }
                    if ends || !bytes.is_empty() {
                        if let Err(error) = self.count(bytes.len(), ends) {
                            self.state = State::Done;
                            return Poll::Ready(Some(Err(error)));
                        }
                        if !bytes.is_empty() {
                            return Poll::Ready(Some(Ok(Frame::data(bytes))));
                        }
                        continue;
                    }
                    match ready!(Pin::new(&mut self.form.body).poll_frame(cx)) {
                        Some(Ok(frame)) => {
                            if let Ok(data) = frame.into_data() {
                                self.form.buffer.extend_from_slice(&data);
                            }
                        }
                        Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                        None => {
                            self.state = State::Done;
                            return Poll::Ready(Some(Err(malformed().into())));
                        }
                    }
                }
            }
        }
    }
}
