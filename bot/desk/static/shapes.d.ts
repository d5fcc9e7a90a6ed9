// Made by `python -m scripts.front_types` from bot/desk/shapes.py: change those.

/** The agents and teams that a ticket can be transferred to. */
export interface Agents {
  agents: Colleague[];
  teams: Team[];
}

/** A file or a location; `url` is '' if it cannot be fetched. `picture` is '' if it is not a photo. */
export interface AttachedThing {
  words: string;
  url: string;
  picture: string;
}

/** The author of an event. */
export type Author = 'citizen' | 'assistant' | 'staff' | 'system';

/** The ticket list of the desk. `waiting` contains the first waiting tickets that match the filters; `behind` contains the ids of the others, in no order. `total` is the number of tickets that wait for the agent's teams, regardless of the filters. `mine` and `others` are the claimed and snoozed tickets of this agent and of others. `staff` and `rights` are those of PageFacts. */
export interface Board {
  staff: string;
  rights: string;
  csrf: string;
  now: number;
  problems: FaqProblem[];
  waiting: Ticket[];
  behind: string[];
  total: number;
  mine: Ticket[];
  others: Ticket[];
}

/** The canned replies of all teams. */
export interface CannedReplies {
  canned: CannedReply[];
}

/** A canned reply; `team` is '' if it is for all teams. */
export interface CannedReply {
  shortcut: string;
  text: string;
  team: string;
}

/** A citizen's history next to the open ticket: time of the first message, and earlier tickets, newest first. `first_seen` is null if the time is unknown. */
export interface Card {
  first_seen: number | null;
  contacts: PastContact[];
}

/** The channel through which a citizen writes. */
export type Channel = 'web' | 'telegram' | 'whatsapp';

/** An agent who is at the desk; `load` is the number of their claimed tickets. */
export interface Colleague {
  id: string;
  name: string;
  presence: Presence;
  teams: string[];
  languages: string[];
  load: number;
  capacity: number;
}

/** An entry that the assistant considered as the answer. */
export interface ConsideredEntry {
  entry: string;
  question: string;
  percent: number;
}

/** The mark on a ticket whose citizen described a danger; `sure` is false if the danger is only possible. `denied` is true if the citizen says that there is no emergency. `protocol` lists the agent's steps, `numbers` the telephone numbers to call. */
export interface Danger {
  words: string;
  sure: boolean;
  denied: boolean;
  protocol: string[];
  numbers: string[];
}

/** The signed-in agent's own statistics since midnight. `taken` and `closed` count tickets, `opinions` ratings. `first_answer_s` is the median time from claim to first answer in seconds, `mean` the mean rating; both are null without data. */
export interface Day {
  taken: number;
  closed: number;
  first_answer_s: number | null;
  opinions: number;
  mean: number | null;
}

/** Delivery states, keyed by event id. */
export interface Deliveries {
  deliveries: Record<string, Delivery>;
}

/** The delivery state of a message; `again` is true if a retry may succeed. */
export interface Delivery {
  state: 'sending' | 'sent' | 'delivered' | 'read' | 'failed';
  words: string;
  again: boolean;
}

/** The unclaimed emergencies of an agent's teams. `tickets` are their ids in the queue's order; `words` is the alert in Spanish, '' if there are none. */
export interface Emergencies {
  tickets: string[];
  words: string;
}

/** Entries, best match first. */
export interface Entries {
  entries: FaqEntry[];
}

/** The response to a request that adds an event: the id of the new event. */
export interface EventAnswer {
  id: string;
}

/** An entry for the reply box; `percent` is the confidence if the entry is a suggestion. `text` is for editing, `html` is what the citizen sees if the entry is sent as it is, by its `version`. */
export interface FaqEntry {
  id: string;
  version: string;
  question: string;
  text: string;
  html: string;
  source: SourceLink | null;
  percent?: number | null;
}

/** An error in an FAQ file; `message` says what is wrong and `fix` what to do, in Spanish. */
export interface FaqProblem {
  file: string;
  line: number;
  field: string;
  message: string;
  fix: string;
}

/** The limits for files in a reply: the maximum size, in bytes, of a picture and of a document. `hindrance` is the Spanish text that says why no file can be sent, or ''. */
export interface FileLimits {
  picture: number;
  document: number;
  hindrance: string;
}

/** An episode of a conversation that matches the search; `event` is the id of the matching message, or ''. `ticket` is the episode's ticket, '' if the citizen talked only to the assistant; `agent` is its owner's name, `open` whether it is open. `pieces` are the snippet. */
export interface FoundConversation {
  conversation: string;
  event: string;
  channel: Channel;
  channel_words: string;
  nickname: string;
  ticket: string;
  team_words: string;
  agent: string;
  outcome_words: string;
  open: boolean;
  at: number;
  author: Author;
  pieces: SnippetPiece[];
}

/** The reason why a conversation is handed off to a person. */
export type HandoffReason = 'emergency' | 'complaint' | 'asked_human' | 'low_confidence' | 'none_of_these' | 'expired_entry' | 'privacy_request' | 'negative_feedback' | 'assistant_error' | 'language';

/** A fact known about the citizen, such as the commune, with its Spanish label. */
export interface KnownFact {
  label: string;
  words: string;
}

/** The newest message of a conversation. */
export interface LastWords {
  id: string;
  author: Author;
  text: string;
  at: number;
}

/** The data of each live event, keyed by the event's name. */
export interface LiveEvents {
  ready: Record<string, string>;
  ticket: TicketChange;
  message: SaidMessage;
  proposal: ProposalChange;
  notices: StaffNotice[];
  complaint: NewComplaint;
  looking: LookingSignal;
  typing: TypingSignal;
  read: ReadSignal;
  problems: FaqProblem[];
  signed_out: Record<string, string>;
}

/** The live view of a supervisor's teams: unclaimed emergencies, the longest waits, agents and teams. `waiting` is the number of waiting tickets; `oldest_at` is when the oldest was opened, null if there is none. */
export interface LiveView {
  now: number;
  waiting: number;
  oldest_at: number | null;
  emergencies: TeamTicket[];
  longest: TeamTicket[];
  agents: OnDuty[];
  teams: TeamNow[];
}

/** Live event: another agent has this waiting ticket open. */
export interface LookingSignal {
  ticket: string;
  name: string;
}

/** An account that a note may mention, or by which a search is filtered. */
export interface NamedColleague {
  id: string;
  name: string;
}

/** The other accounts that may see a ticket, or all accounts of the desk to filter a search. */
export interface NamedColleagues {
  colleagues: NamedColleague[];
}

/** Live event: a citizen filed the complaint with this number; one of the agent's teams handles it. */
export interface NewComplaint {
  number: string;
}

/** The kind of a notice to an agent. */
export type NoticeKind = 'named' | 'given' | 'taken' | 'requeued' | 'vanished' | 'silent' | 'entry' | 'promise' | 'banned' | 'drill' | 'fault' | 'public_notice';

/** An agent of the live view; `presence` is "gone" if the agent is not at the desk but still has tickets. `load` is the number of claimed tickets, `closed` the number of tickets closed today. */
export interface OnDuty {
  id: string;
  name: string;
  presence: Presence | 'gone';
  teams: string[];
  load: number;
  capacity: number;
  closed: number;
  tickets: TeamTicket[];
}

/** The agent who owns a ticket; `me` is true if that agent is the viewer. */
export interface Owner {
  name: string;
  me: boolean;
}

/** The JSON data embedded in the desk's pages (bot/desk/pages/facts.py). `staff` and `me` are the account's id and name; `draft_key` encrypts what the desk keeps in the tab, in hexadecimal digits ('' on pages that keep nothing). `rights` differs once the account may see or do other things. A session without activity ends after `idle_minutes`. `max_reply` is the maximum length of a reply; `reassign` says whether the account may reassign tickets. */
export interface PageFacts {
  csrf: string;
  staff: string;
  rights: string;
  draft_key: string;
  me: string;
  idle_minutes: number;
  max_reply: number;
  /** Maximum characters of one message, by channel. */
  channel_limits: Record<string, number>;
  reassign: boolean;
  default_team: string;
  texts: Record<string, string>;
}

/** An earlier ticket of the same citizen, opened at `at`; `name` is its agent's name, '' if nobody claimed it. `topic` and `summary` are '' without a closing note. */
export interface PastContact {
  at: number;
  reason_words: string;
  outcome_words: string;
  topic: string;
  name: string;
  summary: string;
}

/** A recorded conversation; `ticket` is the id of its open ticket, or ''. `closed` is the id of the ticket that can be reopened, or ''; `closed_words` describes its end. */
export interface PastConversation {
  channel_words: string;
  nickname: string;
  ticket: string;
  closed: string;
  closed_words: string;
  events: TranscriptEvent[];
}

/** An answer that waits for an agent's approval until `due`, when it is sent without approval. `words` is the citizen's text, `html` the answer; `questions` are the answering entries' questions, with their confidence. */
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

/** The pending approvals of this agent's teams, most urgent first. */
export interface PendingApprovals {
  now: number;
  proposals: PendingApproval[];
}

/** An agent's availability for new conversations. A BUSY agent counts as on duty like an AVAILABLE one, but no ticket is assigned to them automatically. */
export type Presence = 'available' | 'busy' | 'away';

/** This agent's presence; `handed_over` is the number of tickets returned to the queue, absent for a heartbeat. */
export interface PresenceAnswer {
  presence: Presence;
  handed_over?: number | null;
}

/** A reply as the citizen will read it, or the `problem` that prevents sending or previewing it. */
export interface PreviewAnswer {
  text: string;
  problem: string;
}

/** The priority of a ticket in its queue; the smallest rank is served first. */
export type Priority = 'emergency' | 'high' | 'callback' | 'normal';

/** Live event: an answer awaits approval (`decision` is '') or was decided. */
export interface ProposalChange {
  id: string;
  decision: string;
  by: string;
}

/** The entry and version behind an answer, and the assistant's confidence. `reviewed` is the day of the entry's last confirmation; `approved_by` is '' if no agent approved the answer. */
export interface Provenance {
  entry: string;
  version: string;
  question: string;
  responsible: string;
  reviewed: string;
  approved_by: string;
  percent: number;
}

/** Questions of FAQ entries: all, or those that a ticket may be about. */
export interface Questions {
  questions: string[];
}

/** Live event: the citizen of this ticket has read up to this event. */
export interface ReadSignal {
  ticket: string;
  event_id: string;
}

/** The response to a refused request. `owner` is the name of the agent who acted first; `newest` is the id of the newest unanswered message. */
export interface Refusal {
  error: string;
  message: string;
  owner?: string | null;
  newest?: string | null;
}

/** The response to reopening: the id of the new ticket. */
export interface ReopenAnswer {
  ticket: string;
}

/** A ticket's reply window, which restarts with each message from the citizen (WhatsApp: 24 hours). `lasts` is its full length in ms. Once the window has closed, the desk shows the hint `after`, and, if `previews` is true, how a reply will look in the approved template. */
export interface ReplyWindow {
  open_until: number;
  lasts: number;
  after: string;
  previews: boolean;
}

/** Live event: a new event of a transcript. */
export interface SaidMessage {
  ticket: string;
  conversation: string;
  event: TranscriptEvent;
}

/** The conversations found, newest first. */
export interface SearchAnswer {
  found: FoundConversation[];
}

/** A piece of a snippet; `hit` is true for words that match the search. */
export interface SnippetPiece {
  text: string;
  hit: boolean;
}

/** The official page on which an answer is based. */
export interface SourceLink {
  title: string;
  url: string;
}

/** A notice for this agent, such as a note that names them or a new ticket; `ticket` and `text` may be ''. `page` is the path of the page where the agent can act on the notice, or ''. */
export interface StaffNotice {
  id: string;
  kind: NoticeKind;
  ticket: string;
  words: string;
  text: string;
  at: number;
  page: string;
}

/** A team of the agency. */
export interface Team {
  id: string;
  name: string;
}

/** A team of the live view: its waiting tickets, its agents on duty, and the waiting times of today in seconds. `oldest_at` is when the oldest waiting ticket was opened; `taken` is the number of tickets claimed today, with the times until the claim in `median_s` and `p90_s`, null if there are none. */
export interface TeamNow {
  id: string;
  name: string;
  waiting: number;
  oldest_at: number | null;
  on_duty: number;
  taken: number;
  median_s: number | null;
  p90_s: number | null;
}

/** A ticket of the live view; `since` is when the citizen began to wait, 0 if they are not waiting. */
export interface TeamTicket {
  id: string;
  nickname: string;
  matter: string;
  reason_words: string;
  danger: Danger | null;
  team_words: string;
  state: TicketState;
  since: number;
}

/** A ticket as the list and the open conversation show it. `nickname` stands for the citizen, whose name is unknown; `matter` is the citizen's latest substantive message, `summary` the last text before the handoff, `topic` the likely question. The queue is sorted by `rank`, lowest first. `by_phone` marks a call-back, `returned` a ticket that was put back. `unanswered` counts the citizen's messages since staff last wrote; `unanswered_since` is 0 if no answer is owed. `language` is '' for Spanish, or if `reason_words` names it. */
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
  nickname: string;
  matter: string;
  summary: string;
  topic: string;
  candidates: ConsideredEntry[];
  last: LastWords | null;
  unanswered: number;
  files: FileLimits;
  window: ReplyWindow | null;
  language: string;
  known: KnownFact[];
  danger: Danger | null;
}

/** The response to a change of a ticket; `ticket` is null if it is closed or hidden from the agent. */
export interface TicketAnswer {
  ticket: Ticket | null;
}

/** Live event: a ticket changed; `ticket` is null if it is closed or the agent may no longer see it. `change` is the kind of event, `by` the name of the ticket's owner and `why` the reason, each '' if there is none. */
export interface TicketChange {
  id: string;
  change: string;
  by: string;
  why: string;
  ticket: Ticket | null;
}

/** The state of a ticket. */
export type TicketState = 'waiting' | 'claimed' | 'snoozed' | 'callback' | 'closed';

/** A ticket with the events after a given id; `read` is the id of the newest event that the citizen has seen. */
export interface Transcript {
  ticket: Ticket;
  events: TranscriptEvent[];
  read: string;
}

/** An event of the transcript; `html` is present only for our own Markdown, and is sanitized. `buttons` are the titles of the buttons offered; `reply_id` is '' unless staff replied. `edited` is true if the message corrects an earlier message. `owner_name` and `why` belong to changes. */
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
  /** The citizen's rating, 1 to 5; only on ratings. */
  score?: number | null;
  /** Why a person was asked for; only on changes. */
  reason_words?: string | null;
  /** The ticket's priority; only on changes. */
  priority?: string | null;
  owner_name?: string | null;
  why?: string | null;
  provenance?: Provenance | null;
  source?: SourceLink | null;
  attached?: AttachedThing[];
  /** What happened, as the desk shows it; only on changes. */
  words?: string;
  edited?: boolean;
  /** Whether a citizen's message says what they want. */
  matter?: boolean;
  /** Name of the person who removed the message. */
  removed_by?: string;
  removed_at?: number;
  /** The id of the message that this event removes. */
  removes?: string;
}

/** Live event: the citizen of this ticket is typing; `name` is always ''. */
export interface TypingSignal {
  ticket: string;
  name: string;
}
