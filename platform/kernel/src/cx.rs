//! The context of a call: who, where, when, and the transaction.

use std::any::Any;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use welkin_blob::BlobStore;
use welkin_model as model;
use welkin_store::Transaction;
use welkin_wire::{Body, BodyError};

use crate::error::{Again, Answer, Failure};
use crate::record::CallRecord;
use crate::{AccountId, Caller, Chance, Error, Kernel, Place, Principal, Region, Result, Sealer, Timestamp};

/// The context of a call, handed to everything an operation or job does.
///
/// State is reached only through it, in the call's transaction (see [`Resource`](crate::Resource)).
pub struct Cx {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) facts: Arc<Facts>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) here: Place,
    pub(crate) now: Timestamp,
    pub(crate) service: Option<&'static model::Service>,
    pub(crate) operation: Option<&'static model::Operation>,
    pub(crate) request_id: String,
    pub(crate) run: Run,
    /// In a mutex that is never locked: a body may be sent, but not shared.
    pub(crate) body: Mutex<Option<Body>>,
    pub(crate) reply: Reply,
}

/// What is known of the request from outside; nested calls share it.
#[derive(Debug)]
pub struct Facts {
    /// Id of the request; nested calls have ids of their own.
    pub request_id: String,
    /// Address of the client, or the name of the service that calls.
    pub source_ip: String,
    /// `User-Agent`, or the name of the service that calls.
    pub user_agent: String,
    /// The TLS that the request came over; `None` if it came without.
    pub tls: Option<TlsSession>,
    /// How the request was signed; `None` if it was not, or is no request of its own.
    pub signature: Option<Signature>,
    /// Headers of the request.
    pub headers: HeaderMap,
    /// Whether it is a browser's form upload to S3: a policy was signed, not the request.
    pub form: bool,
    /// What follows the answer; `None` in calls that a service makes.
    pub(crate) following: Option<Arc<crate::chain::Following>>,
}

/// The TLS of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsSession {
    /// Version, e.g. `1.3`.
    pub version: &'static str,
    /// Cipher suite, by its name in OpenSSL.
    pub cipher_suite: &'static str,
}

/// The TLS that services call one another with.
pub(crate) const TLS_OF_SERVICES: TlsSession = TlsSession { version: "1.3", cipher_suite: "TLS_AES_128_GCM_SHA256" };

/// The signature of a request, as policies ask for it.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// Its algorithm, e.g. `AWS4-HMAC-SHA256`.
    pub algorithm: &'static str,
    /// How long ago it was made, by the machine's clock.
    pub age: Duration,
}

/// One run of a call and of those nested in it: the transaction and what is remembered between runs.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) transaction: Option<Transaction>,
    pub(crate) records: Vec<CallRecord>,
    /// Uses of actions that are to be noted.
    pub(crate) uses: Vec<crate::Use>,
    /// What was measured.
    pub(crate) measurements: Vec<crate::Measurement>,
    memo: Vec<Remembered>,
    at: usize,
    /// What is being done at this point: which nested call, and what it is about.
    pub(crate) subject: Subject,
    pub(crate) outside: bool,
    /// How many calls the present one is nested in.
    pub(crate) depth: u32,
    pub(crate) conflicts: u32,
    /// What the call waits for, kept between runs so that no change is missed.
    pub(crate) watch: Option<welkin_store::Watch>,
}

/// What a run remembered, and what was being done when it did.
struct Remembered {
    subject: Subject,
    value: Arc<dyn Any + Send + Sync>,
}

/// What is being done, as a digest: what one nested call remembered is never taken for another one's, nor what a call
/// remembered of one thing for another thing's, whichever of them come to it in a later run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Subject(u64);

impl Subject {
    /// What is being done within, about `what`.
    pub(crate) fn within(self, what: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        (self, what).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// What staged work of a nested call was answered.
#[derive(Clone)]
struct Refused(Answer);

impl Run {
    /// Begins another run of the same call.
    pub(crate) fn rewind(&mut self, transaction: Transaction) {
        self.transaction = Some(transaction);
        self.records.clear();
        self.uses.clear();
        self.measurements.clear();
        self.at = 0;
        self.subject = Subject::default();
        self.outside = false;
    }

    /// What an earlier run remembered at this point.
    pub(crate) fn recall<T: Clone + 'static>(&mut self) -> Option<T> {
        let remembered = self.memo.get(self.at).filter(|remembered| remembered.subject == self.subject)?;
        let value = remembered.value.downcast_ref::<T>()?.clone();
        self.at += 1;
        Some(value)
    }

    /// Remembers `value` at this point for later runs.
    pub(crate) fn remember<T: Send + Sync + 'static>(&mut self, value: T) {
        self.memo.truncate(self.at);
        self.memo.push(Remembered { subject: self.subject, value: Arc::new(value) });
        self.at += 1;
    }
}

/// What an answer has beside its members.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) stream: Mutex<Option<Body>>,
}

impl Reply {
    pub(crate) fn take_stream(&mut self) -> Option<Body> {
        self.stream.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Cx {
    /// The account in which the call runs.
    pub fn account(&self) -> AccountId {
        self.here.account
    }

    /// The Region in which the call runs.
    pub fn region(&self) -> Region {
        self.here.region
    }

    /// The account and Region in which the call runs.
    pub fn here(&self) -> Place {
        self.here
    }

    /// The time of the call, by the kernel's clock. It stands still while the call runs.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Who calls.
    pub fn principal(&self) -> &Principal {
        &self.caller.principal
    }

    /// Says who it is that called without a signature, once what it brought instead has been verified: the
    /// call is authorised and recorded as this caller's.
    pub fn identify(&mut self, caller: crate::Federated) {
        self.caller = Arc::new(Caller::of(Principal::Federated(Arc::new(caller))));
    }

    /// Name of the operation that runs, in the model; `None` in a job.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation.map(|operation| operation.name)
    }

    /// Whether this Welkin is strict (`welkin up --strict`): as guarded as one that strangers reach.
    pub fn is_strict(&self) -> bool {
        self.kernel.settings().strict
    }

    /// Id of the request.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// How many runs of this call have come to nothing because another call was first: one who chooses among
    /// equals chooses more widely each time.
    pub fn conflicts(&self) -> u32 {
        self.run.conflicts
    }

    /// What is known of the request from outside.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Ids and randomness.
    pub fn chance(&self) -> &Chance {
        self.kernel.chance()
    }

    /// Seals secrets at rest.
    pub fn sealer(&self) -> &Sealer {
        self.kernel.sealer()
    }

    /// Bytes of objects.
    pub fn blobs(&self) -> &BlobStore {
        self.kernel.blobs()
    }

    /// Removes from the store's files what earlier calls have deleted or overwritten: see [`Kernel::expunge`]. To be
    /// done in [`stage`](Self::stage), as it waits for the end of transactions, the call's own included.
    ///
    /// # Errors
    /// Not now: an older transaction is still open, or the disk fails.
    pub async fn expunge(&self) -> Result<bool> {
        self.kernel.expunge().await
    }

    /// Base URL at which clients reach this Welkin, e.g. `http://localhost:4566`, as the caller addressed it.
    pub fn endpoint(&self) -> String {
        let scheme = if self.facts.tls.is_some() { "https" } else { "http" };
        match self.facts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()) {
            Some(host) => format!("{scheme}://{host}"),
            None => self.kernel.endpoint().to_owned(),
        }
    }

    /// The transaction of the call.
    ///
    /// # Errors
    /// Inside [`stage`](Self::stage), where there is none: a fault in the operation.
    pub(crate) fn transaction(&mut self) -> Result<&mut Transaction> {
        self.run.transaction.as_mut().ok_or_else(|| Error::internal("no transaction is open here"))
    }

    /// Takes the request's body, for operations whose input streams; empty the second time.
    pub fn take_body(&mut self) -> Body {
        self.body.get_mut().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(Body::empty)
    }

    /// Answers with this body in the output's streaming member.
    pub fn reply_stream(&mut self, body: Body) {
        self.reply.stream = Mutex::new(Some(body));
    }

    /// Answers with this HTTP status instead of the model's.
    pub fn reply_status(&mut self, status: u16) {
        self.reply.status = Some(status);
    }

    /// Adds a header to the answer that no member of the output stands for.
    pub fn reply_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.reply.headers.retain(|(other, _)| *other != name);
        self.reply.headers.push((name, value));
    }

    /// Does work that must not hold a transaction open: reading a body, writing a blob, calls that commit by
    /// themselves. It is done once; the call is then run again from its authorisation on, and finds the
    /// result here.
    ///
    /// In a nested call the errors of the work are found here in the next run, too: the calling operation, which may
    /// go on after them, has a transaction then.
    ///
    /// # Errors
    /// Those of the work; and, when it succeeded, the request to run again, to be passed on with `?`.
    pub async fn stage<T, F>(&mut self, work: F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: AsyncFnOnce(&mut Self) -> Result<T>,
    {
        if let Some(done) = self.run.recall::<T>() {
            return Ok(done);
        }
        if let Some(Refused(answer)) = self.run.recall::<Refused>() {
            return Err(Error::of(Failure::Answer(answer)));
        }
        self.run.transaction = None;
        self.run.outside = true;
        let done = work(self).await;
        self.run.outside = false;
        match done.map_err(Error::into_failure) {
            Ok(done) => self.run.remember(done),
            Err(Failure::Answer(answer)) if self.run.depth > 0 => self.run.remember(Refused(answer)),
            Err(failure) => return Err(Error::of(failure)),
        }
        Err(Error::of(Failure::Again(Again::Staged)))
    }

    /// Says what the call is about beyond its input, such as the bytes that an object has now: what an earlier run
    /// staged of something else, which was replaced in the meantime, is not taken for it, but done anew.
    pub fn about(&mut self, what: &impl Hash) {
        self.run.subject = self.run.subject.within(what);
    }

    /// A value drawn once for the call, however often it is run: ids that staged work refers to.
    pub fn once<T, F>(&mut self, draw: F) -> T
    where
        T: Clone + Send + Sync + 'static,
        F: FnOnce(&mut Self) -> T,
    {
        if let Some(drawn) = self.run.recall::<T>() {
            return drawn;
        }
        let drawn = draw(self);
        self.run.remember(drawn.clone());
        drawn
    }

    /// Nothing to answer yet: runs the call again when a watched key changes or the clock reaches `until`.
    /// Once `until` is past it returns, and the operation answers with what there is.
    ///
    /// The first time the call is run again at once: what changed before it began to watch is seen then.
    ///
    /// # Errors
    /// The request to run again, to be passed on with `?`.
    pub fn wait(&mut self, changed: Option<welkin_store::Watch>, until: Timestamp) -> Result<()> {
        if self.now >= until {
            return Ok(());
        }
        let watching = match (&self.run.watch, &changed) {
            (Some(old), Some(new)) => old.watches_the_same(new),
            (_, None) => true,
            (None, Some(_)) => false,
        };
        if !watching {
            self.run.watch = changed;
            return Err(Error::of(Failure::Again(Again::Staged)));
        }
        Err(Error::of(Failure::Again(Again::Wait { until })))
    }

    /// Reads the next bytes of a body; `None` at its end. Trailers are handed to `trailers`.
    ///
    /// # Errors
    /// The client broke off, or the bytes are not what was signed.
    pub async fn next_chunk(body: &mut Body, trailers: &mut HeaderMap) -> Result<Option<Bytes>> {
        use http_body_util::BodyExt;
        loop {
            match body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => return Err(body_error(error)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Ok(Some(data)),
                    Err(frame) => {
                        if let Ok(more) = frame.into_trailers() {
                            trailers.extend(more);
                        }
                    }
                },
            }
        }
    }

    /// A later point in time.
    pub fn after(&self, duration: Duration) -> Timestamp {
        self.now.plus(duration)
    }
}

/// The error of a body that ended before its end: an [`Error`] that was carried through it, or a broken connection.
fn body_error(error: BodyError) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(_) => Error::new(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header.",
        )
        .status(400),
    }
}
