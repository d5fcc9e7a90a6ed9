// Made by `python -m scripts.front_types` from bot/channels/web/shapes.py and bot/channels/web/frame_shapes.py: change those.

/** The message with this `id` is kept. */
export interface AckFrame {
  event_id: string;
  /** True when a message with this `id` had already arrived. */
  repeated: boolean;
  speaker: Speaker;
  type: 'ack';
  id: string;
}

/** The message is kept and will be answered. `speaker` says by whom. */
export interface Acknowledged {
  event_id: string;
  /** True when a message with this `id` had already arrived. */
  repeated: boolean;
  speaker: Speaker;
}

/** One message as a page shows it. `html` is safe to insert; `at` is in milliseconds since 1970. */
export interface ChatEvent {
  id: string;
  at: number;
  author: 'citizen' | 'assistant' | 'staff' | 'system';
  kind: 'message';
  html: string;
  /** The same as plain text or Markdown. */
  text: string;
  buttons: ExampleButton[];
  /** The official page an answer comes from. */
  source?: SourcePage | null;
  /** For staff: what they sent besides words. */
  files?: SentFile[] | null;
  /** For the citizen's messages: the `id` the client gave. */
  message_id?: string | null;
  /** For staff: who writes. */
  name?: string | null;
  /** ISO 639, when it is not Spanish. */
  language?: string | null;
}

/** What the widget needs to show itself. */
export interface Configuration {
  agency: string;
  short_name: string;
  assistant: string;
  color: string;
  timezone: string;
  /** Of the labels: es or en. Messages are the agency's, in Spanish. */
  language: string;
  privacy_url: string;
  max_characters: number;
  files: FileRules;
  examples: string[];
  labels: Record<string, string>;
}

/** Something was said. */
export interface EventFrame {
  id: string;
  at: number;
  author: 'citizen' | 'assistant' | 'staff' | 'system';
  kind: 'message';
  html: string;
  /** The same as plain text or Markdown. */
  text: string;
  buttons: ExampleButton[];
  /** The official page an answer comes from. */
  source?: SourcePage | null;
  /** For staff: what they sent besides words. */
  files?: SentFile[] | null;
  /** For the citizen's messages: the `id` the client gave. */
  message_id?: string | null;
  /** For staff: who writes. */
  name?: string | null;
  /** ISO 639, when it is not Spanish. */
  language?: string | null;
  type: 'event';
}

export interface ExampleButton {
  id: string;
  title: string;
}

/** A ticket may be judged, or was. */
export interface FeedbackFrame {
  type: 'feedback';
  ticket: string;
  given: boolean;
}

/** Which files the staff can be sent: extensions as a file field names them, and the size. */
export interface FileRules {
  accept: string;
  max_bytes: number;
}

/** Something was refused: the message with this `id`, if there is one. */
export interface FrameError {
  code: 'unknown_token' | 'bad_origin' | 'too_long' | 'too_many' | 'out_of_order' | 'invalid' | 'file_too_big' | 'file_kind' | 'file_nobody' | 'too_many_files' | 'hello_first' | 'unavailable';
  text: string;
  type: 'error';
  id?: string | null;
}

/** The citizen's message: `text`, or the `button` that was clicked. Sending the same `id` again is safe. Whoever sends a message before the one before it was acknowledged names that one in `follows`, so that the order stays theirs over repeats and reconnections: it is refused with `out_of_order` while the other has not arrived. */
export interface Incoming {
  /** Made by the client, unique in its conversation. */
  id: string;
  /** The citizen's words, plain text. */
  text?: string;
  /** The `id` of a button of an event. */
  button?: string | null;
  /** The `id` of the message before it, as long as that one is not acknowledged and not given up. */
  follows?: string | null;
}

/** A new conversation. Keep `token`: it is the only key to it. */
export interface Opened {
  token: string;
  conversation: string;
}

/** The position in the queue, from 1. */
export interface PlaceFrame {
  type: 'place';
  place: number;
  waiting: number;
}

/** The answer to a ping. */
export interface PongFrame {
  type: 'pong';
}

/** What went wrong: `code` for programs, `text` for people, in Spanish. */
export interface Problem {
  code: 'unknown_token' | 'bad_origin' | 'too_long' | 'too_many' | 'out_of_order' | 'invalid' | 'file_too_big' | 'file_kind' | 'file_nobody' | 'too_many_files' | 'hello_first' | 'unavailable';
  text: string;
}

/** What the citizen thought of an attention that a person closed; `ticket` comes in the stream's `feedback`. */
export interface RatingIn {
  ticket: string;
  /** 1 very bad, 5 very good. */
  score: number;
  words?: string;
}

/** A person has read up to this event. */
export interface ReadFrame {
  type: 'read';
  event_id: string;
}

/** A file that staff sent. `url` is a path of this server and works for a day; the next reading gives a new one. */
export interface SentFile {
  name: string;
  url: string;
  type: string;
  /** In words, such as «120 KB». */
  size: string;
}

/** What the citizen's page tells besides messages: that they are typing, or have read up to `event_id`. */
export interface Signal {
  type: 'typing' | 'read';
  /** Feed id: only later events are sent. «0» sends all. */
  event_id?: string;
}

export interface SourcePage {
  title: string;
  url: string;
}

/** Whose turn it is to answer in a conversation. */
export type Speaker = 'assistant' | 'waiting' | 'staff';

/** The turn changed; `name` of who attends. The first one also says that the past has been told. */
export interface SpeakerFrame {
  type: 'speaker';
  speaker: Speaker;
  name?: string | null;
}

/** A person is writing. */
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

export type Frame = AckFrame | EventFrame | FeedbackFrame | FrameError | PlaceFrame | PongFrame | ReadFrame | SpeakerFrame | TypingFrame | Welcome;
