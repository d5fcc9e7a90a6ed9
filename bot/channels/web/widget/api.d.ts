// Made by `python -m scripts.front_types` from bot/channels/web/shapes.py and bot/channels/web/frame_shapes.py: change those.

/** The message with this `id` is stored. */
export interface AckFrame {
  event_id: string;
  /** Whether a message with this `id` had already been accepted. */
  repeated: boolean;
  speaker: Speaker;
  type: 'ack';
  id: string;
}

/** The message is stored and will be answered by `speaker`. */
export interface Acknowledged {
  event_id: string;
  /** Whether a message with this `id` had already been accepted. */
  repeated: boolean;
  speaker: Speaker;
}

/** The citizen's rating of an answer; `answer` is the event's `rating_id`. The newest rating of an answer counts. */
export interface AnswerRatingIn {
  answer: string;
  useful: boolean;
  /** Why it did not help. */
  reason?: '' | 'other' | 'missing' | 'unclear' | 'wrong';
}

/** The reasons for an answer: its published question, the date of its last review, and how sure the assistant was. `approved` is true if a person of the agency approved the answer for this conversation. */
export interface AnswerReasons {
  question: string;
  /** ISO date, or empty. */
  reviewed: string;
  sureness: 'very' | 'fairly' | 'little';
  approved: boolean;
}

/** One message as a page shows it; `html` is safe to insert, `at` is in milliseconds since 1970. */
export interface ChatEvent {
  id: string;
  at: number;
  author: 'citizen' | 'assistant' | 'staff' | 'system';
  kind: 'message';
  html: string;
  /** The message's text: Markdown from the assistant, else plain text. */
  text: string;
  buttons: ExampleButton[];
  /** The official page that the answer comes from. */
  source?: SourcePage | null;
  /** Files that the citizen or an agent attached. */
  files?: SentFile[] | null;
  /** The client's `id`; only on the citizen's messages. */
  message_id?: string | null;
  /** The agent's name; only on messages from staff. */
  name?: string | null;
  /** ISO 639 code, unless the text is Spanish. */
  language?: string | null;
  /** Id of the FAQ entry that answers; its page is /tramites/<id>. */
  entry?: string | null;
  /** Why this answer was given; only with `entry`. */
  why?: AnswerReasons | null;
  /** How many elements of `html` a page may show at first, with a button for the rest. */
  fold_after?: number | null;
  /** The answered question, to be shown above a long answer. */
  title?: string | null;
  /** A map with the position that the citizen shared. */
  map?: string | null;
  /** Names the answer in `/feedback`; present if the citizen may say whether it helped. */
  rating_id?: string | null;
  /** Emergency numbers to call now; empty if the citizen denied it. */
  calls?: string[] | null;
  /** Who removed the message, by name; `text` is then empty. */
  removed_by?: string | null;
  removed_at?: number | null;
}

/** The configuration of the widget. */
export interface Configuration {
  agency: string;
  short_name: string;
  assistant: string;
  color: string;
  timezone: string;
  /** Language of the labels, es or en; messages are always in Spanish. */
  language: string;
  privacy_url: string;
  /** A browser forgets its conversation after so many minutes without use. */
  idle_minutes: number;
  max_characters: number;
  files: FileRules;
  examples: string[];
  labels: Record<string, string>;
}

/** A message in the conversation, past or new. */
export interface EventFrame {
  id: string;
  at: number;
  author: 'citizen' | 'assistant' | 'staff' | 'system';
  kind: 'message';
  html: string;
  /** The message's text: Markdown from the assistant, else plain text. */
  text: string;
  buttons: ExampleButton[];
  /** The official page that the answer comes from. */
  source?: SourcePage | null;
  /** Files that the citizen or an agent attached. */
  files?: SentFile[] | null;
  /** The client's `id`; only on the citizen's messages. */
  message_id?: string | null;
  /** The agent's name; only on messages from staff. */
  name?: string | null;
  /** ISO 639 code, unless the text is Spanish. */
  language?: string | null;
  /** Id of the FAQ entry that answers; its page is /tramites/<id>. */
  entry?: string | null;
  /** Why this answer was given; only with `entry`. */
  why?: AnswerReasons | null;
  /** How many elements of `html` a page may show at first, with a button for the rest. */
  fold_after?: number | null;
  /** The answered question, to be shown above a long answer. */
  title?: string | null;
  /** A map with the position that the citizen shared. */
  map?: string | null;
  /** Names the answer in `/feedback`; present if the citizen may say whether it helped. */
  rating_id?: string | null;
  /** Emergency numbers to call now; empty if the citizen denied it. */
  calls?: string[] | null;
  /** Who removed the message, by name; `text` is then empty. */
  removed_by?: string | null;
  removed_at?: number | null;
  type: 'event';
}

export interface ExampleButton {
  id: string;
  title: string;
}

/** A closed ticket can be rated (`given` is false) or has been rated (`given` is true). */
export interface FeedbackFrame {
  type: 'feedback';
  ticket: string;
  given: boolean;
}

/** The files that a citizen may send: their extensions, as in a file input's `accept`, and the maximum size. */
export interface FileRules {
  accept: string;
  max_bytes: number;
}

/** A refusal; `id` is the id of the refused message, and is missing if the error is not about a message. */
export interface FrameError {
  code: 'unknown_token' | 'bad_origin' | 'too_long' | 'too_many' | 'too_many_chats' | 'too_many_pages' | 'out_of_order' | 'invalid' | 'file_too_big' | 'file_kind' | 'file_infected' | 'file_heic' | 'file_pixels' | 'file_no_room' | 'too_many_files' | 'no_room' | 'hello_first' | 'unavailable';
  text: string;
  type: 'error';
  id?: string | null;
}

/** The citizen's message: `text`, or the id of the clicked `button`. Sending the same `id` again is safe. A client that sends a message before the previous message is acknowledged puts the previous message's id in `follows`. Until the previous message has arrived, the new message is refused with `out_of_order`. So the order is kept across repeats and reconnections. */
export interface Incoming {
  /** Created by the client; unique in the conversation. */
  id: string;
  /** What the citizen wrote, as plain text. */
  text?: string;
  /** The `id` of the button that the citizen pressed. */
  button?: string | null;
  /** The citizen's position; only with the `button` whose id is `ubicacion`. */
  place?: SharedPlace | null;
  /** The `id` of the previous message, while that one is neither acknowledged nor refused for good. */
  follows?: string | null;
}

/** A new conversation; only `token` gives access to it, so keep it. */
export interface Opened {
  token: string;
  conversation: string;
}

/** The citizen's position in the queue, from 1, and the number of waiting citizens. */
export interface PlaceFrame {
  type: 'place';
  place: number;
  waiting: number;
}

/** The answer to a ping. */
export interface PongFrame {
  type: 'pong';
}

/** An error: `code` for programs, `text` in Spanish for people. */
export interface Problem {
  code: 'unknown_token' | 'bad_origin' | 'too_long' | 'too_many' | 'too_many_chats' | 'too_many_pages' | 'out_of_order' | 'invalid' | 'file_too_big' | 'file_kind' | 'file_infected' | 'file_heic' | 'file_pixels' | 'file_no_room' | 'too_many_files' | 'no_room' | 'hello_first' | 'unavailable';
  text: string;
}

/** The citizen said whether an answer helped; `answer` is the answer's `rating_id`, and `reason` may be ''. */
export interface RatedFrame {
  type: 'rated';
  answer: string;
  useful: boolean;
  reason: string;
}

/** The citizen's rating of a support session; `ticket` comes from the stream's `feedback` event. */
export interface RatingIn {
  ticket: string;
  /** From 1 (very bad) to 5 (very good). */
  score: number;
  words?: string;
}

/** The staff have read the conversation up to this event. */
export interface ReadFrame {
  type: 'read';
  event_id: string;
}

/** The agency removed an earlier message, `of` (its event id); its text must no longer be shown. */
export interface RemovedFrame {
  type: 'removed';
  of: string;
  by: string;
  at: number;
}

/** A file of the message; `url` is a path of this server, valid for a day and renewed with every response. For a picture, `url` with `?mini` is its thumbnail. */
export interface SentFile {
  name: string;
  url: string;
  type: string;
  /** The size as the page shows it, such as «120 KB». */
  size: string;
}

/** The citizen's position in degrees, as the browser gives it with the citizen's permission. */
export interface SharedPlace {
  latitude: number;
  longitude: number;
}

/** A signal from the citizen's page: the citizen is typing, or has read up to `event_id`. */
export interface Signal {
  type: 'typing' | 'read';
  /** Event id: only later events are sent; «0» sends all. */
  event_id?: string;
}

export interface SourcePage {
  title: string;
  url: string;
}

/** The party whose turn it is to answer in a conversation. */
export type Speaker = 'assistant' | 'waiting' | 'staff';

/** The current speaker, with the `name` of the attending agent; sent after the past events and at every change. */
export interface SpeakerFrame {
  type: 'speaker';
  speaker: Speaker;
  name?: string | null;
}

/** An agent is typing. */
export interface TypingFrame {
  type: 'typing';
  name: string;
}

/** The answer to a hello. */
export interface Welcome {
  type: 'welcome';
  token: string;
  conversation: string;
  speaker: Speaker;
}

export type Frame = AckFrame | EventFrame | FeedbackFrame | FrameError | PlaceFrame | PongFrame | RatedFrame | ReadFrame | RemovedFrame | SpeakerFrame | TypingFrame | Welcome;
