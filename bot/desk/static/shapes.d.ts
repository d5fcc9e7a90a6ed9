// Made by `python -m scripts.front_types` from bot/desk/shapes.py: change those.

/** To whom a ticket may go. */
export interface Agents {
  agents: Colleague[];
  teams: Team[];
}

/** A file or a place; `url` is '' when nobody can fetch it. */
export interface AttachedThing {
  words: string;
  url: string;
}

/** Who wrote a message of the transcript. */
export type Author = 'citizen' | 'assistant' | 'staff' | 'system';

/** The whole list. */
export interface Board {
  staff: string;
  csrf: string;
  now: number;
  problems: FaqProblem[];
  waiting: Ticket[];
  mine: Ticket[];
  others: Ticket[];
}

/** Those of every team. */
export interface CannedReplies {
  canned: CannedReply[];
}

/** A text that staff have ready; `team` is '' for all. */
export interface CannedReply {
  shortcut: string;
  text: string;
  team: string;
}

/** What is known of the citizen besides their words, the newest contact first. */
export interface Card {
  first_seen: number | null;
  contacts: PastContact[];
}

/** Where the citizen writes. */
export type Channel = 'web' | 'telegram' | 'whatsapp';

/** Somebody at work, and how many conversations they have. */
export interface Colleague {
  id: string;
  name: string;
  presence: Presence;
  teams: string[];
  languages: string[];
  load: number;
  capacity: number;
}

/** An entry that the assistant thought of. */
export interface ConsideredEntry {
  entry: string;
  question: string;
  percent: number;
}

/** This person's figures since midnight. */
export interface Day {
  taken: number;
  closed: number;
  first_answer_s: number | null;
  opinions: number;
  mean: number | null;
}

/** By event id. */
export interface Deliveries {
  deliveries: Record<string, Delivery>;
}

/** What became of a message; `again`: sending it once more makes sense. */
export interface Delivery {
  state: 'sending' | 'sent' | 'delivered' | 'read' | 'failed';
  words: string;
  again: boolean;
}

/** Entries, the likeliest first. */
export interface Entries {
  entries: FaqEntry[];
}

/** The id of the event that was made. */
export interface EventAnswer {
  id: string;
}

/** An entry for the reply box; `percent` when it is suggested. */
export interface FaqEntry {
  id: string;
  version: string;
  question: string;
  text: string;
  html: string;
  source: SourceLink | null;
  percent?: number | null;
}

/** What is wrong with a file of the FAQ. */
export interface FaqProblem {
  file: string;
  line: number;
  field: string;
  message: string;
  fix: string;
}

/** The largest picture and document in bytes, and why the channel takes none now, in words. */
export interface FileLimits {
  picture: number;
  document: number;
  hindrance: string;
}

/** A conversation that has the words. */
export interface FoundConversation {
  conversation: string;
  channel: Channel;
  channel_words: string;
  at: number;
  author: Author;
  pieces: SnippetPiece[];
}

/** Why a conversation goes to a person. */
export type HandoffReason = 'emergency' | 'complaint' | 'asked_human' | 'low_confidence' | 'none_of_these' | 'expired_entry' | 'privacy_request' | 'negative_feedback' | 'assistant_error' | 'language';

/** One thing known of the citizen, in words. */
export interface KnownFact {
  label: string;
  words: string;
}

/** The newest thing anybody said. */
export interface LastWords {
  id: string;
  author: Author;
  text: string;
  at: number;
}

/** What the stream tells, by the name of the event. */
export interface LiveEvents {
  ready: Record<string, string>;
  ticket: TicketChange;
  message: SaidMessage;
  proposal: ProposalChange;
  typing: TypingSignal;
  read: ReadSignal;
  problems: FaqProblem[];
  signed_out: Record<string, string>;
}

/** Who has a ticket, and whether that is the person who asks. */
export interface Owner {
  name: string;
  me: boolean;
}

/** What the page knows from the start (pages.py). */
export interface PageFacts {
  csrf: string;
  staff: string;
  me: string;
  idle_minutes: number;
  max_reply: number;
  /** Characters of one message, by channel. */
  channel_limits: Record<string, number>;
  reassign: boolean;
  texts: Record<string, string>;
}

/** An earlier attention of the same citizen. */
export interface PastContact {
  at: number;
  reason_words: string;
  outcome_words: string;
  topic: string;
  name: string;
  summary: string;
}

/** A conversation to be read; `ticket` is its open one, or ''. */
export interface PastConversation {
  channel_words: string;
  ticket: string;
  events: TranscriptEvent[];
}

/** An answer that waits for somebody's OK until `due`. */
export interface PendingApproval {
  id: string;
  conversation: string;
  channel: Channel;
  channel_words: string;
  words: string;
  html: string;
  questions: string[];
  due: number;
}

/** Those of this person's teams, the most urgent first. */
export interface PendingApprovals {
  now: number;
  proposals: PendingApproval[];
}

/** Whether an agent takes conversations now. */
export type Presence = 'available' | 'busy' | 'away';

/** Whether this person takes conversations; how many went back to the queue. */
export interface PresenceAnswer {
  presence: Presence;
  handed_over?: number | null;
}

/** A reply as the citizen will read it, or why they will not. */
export interface PreviewAnswer {
  text: string;
  problem: string;
}

/** Order in the waiting line; a smaller rank is served first. */
export type Priority = 'emergency' | 'high' | 'callback' | 'normal';

/** Live: an answer begins to wait (`decision` is '') or waits no more. */
export interface ProposalChange {
  id: string;
  decision: string;
  by: string;
}

/** The proof of an answer. */
export interface Provenance {
  entry: string;
  version: string;
  question: string;
  responsible: string;
  reviewed: string;
  approved_by: string;
  percent: number;
}

/** All questions that the FAQ answers. */
export interface Questions {
  questions: string[];
}

/** Live: the citizen of this ticket has read up to this event. */
export interface ReadSignal {
  ticket: string;
  event_id: string;
}

/** Why something was refused; `owner`: who was faster; `newest`: the citizen's newest unanswered message. */
export interface Refusal {
  error: string;
  message: string;
  owner?: string | null;
  newest?: string | null;
}

/** WhatsApp's 24 hours: their end and length, what happens after, whether a reply can be seen as it will go out. */
export interface ReplyWindow {
  open_until: number;
  lasts: number;
  after: string;
  previews: boolean;
}

/** Live: a line of a transcript. */
export interface SaidMessage {
  ticket: string;
  conversation: string;
  event: TranscriptEvent;
}

/** What was found, the newest first. */
export interface SearchAnswer {
  found: FoundConversation[];
}

/** A stretch of words; `hit` when it was looked for. */
export interface SnippetPiece {
  text: string;
  hit: boolean;
}

/** The official page an answer comes from. */
export interface SourceLink {
  title: string;
  url: string;
}

/** A team of the agency. */
export interface Team {
  id: string;
  name: string;
}

/** A ticket as the list and the open conversation show it. */
export interface Ticket {
  id: string;
  conversation: string;
  channel: Channel;
  channel_words: string;
  reason: HandoffReason;
  reason_words: string;
  priority: Priority;
  priority_words: string;
  rank: number;
  state: TicketState;
  by_phone: boolean;
  returned: boolean;
  unanswered_since: number;
  team: string;
  team_words: string;
  opened_at: number;
  owner: Owner | null;
  summary: string;
  topic: string;
  candidates: ConsideredEntry[];
  last: LastWords | null;
  unanswered: number;
  files: FileLimits;
  window: ReplyWindow | null;
  language: string;
  known: KnownFact[];
}

/** A ticket after a change; None when it is no longer on this person's list. */
export interface TicketAnswer {
  ticket: Ticket | null;
}

/** Live: a ticket changed; without `ticket` it left this person's list. */
export interface TicketChange {
  id: string;
  change: string;
  by: string;
  why: string;
  ticket: Ticket | null;
}

/** In its team's line, with a person, with a person who waits for the citizen, to be called, or over. */
export type TicketState = 'waiting' | 'claimed' | 'snoozed' | 'callback' | 'closed';

/** A ticket with what was said after some id; `read`: up to where the citizen has read. */
export interface Transcript {
  ticket: Ticket;
  events: TranscriptEvent[];
  read: string;
}

/** A line of the transcript. `html`, made safe, only for what is Markdown of ours. */
export interface TranscriptEvent {
  id: string;
  kind: string;
  author: Author;
  text: string;
  at: number;
  name: string;
  language: string;
  reply_id: string;
  buttons: string[];
  html?: string | null;
  /** Of an opinion. */
  score?: number | null;
  /** Of a change, as the next three. */
  reason_words?: string | null;
  priority?: Priority | null;
  owner_name?: string | null;
  why?: string | null;
  provenance?: Provenance | null;
  source?: SourceLink | null;
  attached?: AttachedThing[] | null;
  /** Of a delivery that failed, or of a citizen who blocks us. */
  words?: string | null;
  edited?: boolean | null;
}

/** Live: the citizen of this ticket is writing. */
export interface TypingSignal {
  ticket: string;
  name: string;
}
