//! Removing what a group or stream held, after it was deleted.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Page, Result, Schedule};

use crate::batch::{Body, Head};
use crate::group::Group;
use crate::stream::Stream;

/// Rows of a kind that one run removes at most.
const BATCH: usize = 500;

/// Removes contents, some in each run. Nobody can reach them any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct Clear {
    group: String,
    /// Only of this stream; of the whole group if there is none.
    stream: Option<String>,
}

impl Clear {
    pub(crate) fn group(group: &Group) -> Self {
        Self { group: group.id.clone(), stream: None }
    }

    pub(crate) fn stream(group: &Group, stream: &Stream) -> Self {
        Self { group: group.id.clone(), stream: Some(stream.id.clone()) }
    }
}

impl Job for Clear {
    const NAME: &'static str = "logs/clear";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let page = Page::of(BATCH, None);
        let heads = match &self.stream {
            Some(stream) => cx.list::<Head>(place, (&self.group, stream), page).await?,
            None => cx.list::<Head>(place, &self.group, page).await?,
        };
        for head in &heads {
            cx.discard::<Body>(place, head.place())?;
            cx.discard::<Head>(place, head.place())?;
        }
        let mut more = heads.len() == BATCH;
        if self.stream.is_none() {
            let streams = cx.list::<Stream>(place, &self.group, page).await?;
            for stream in &streams {
                cx.discard::<Stream>(place, Stream::place_of(&self.group, &stream.name))?;
            }
            more |= streams.len() == BATCH;
        }
        if more {
            cx.enqueue(self, Schedule::now()).await?;
        }
        Ok(())
    }
}
