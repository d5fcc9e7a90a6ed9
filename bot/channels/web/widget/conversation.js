/** Controls one conversation: sends the citizen's messages and shows the server's frames. */

/** @import { Acknowledged, ChatEvent, Configuration, FrameError, Speaker, SpeakerFrame } from './api.js' */
/** @import { Connection, Greeted, Message } from './connection.js' */
/** @import { Said } from './message_log.js' */
/** @import { View } from './view.js' */
/** @import { Store } from './store.js' */

import { ConnectionNotice } from './connection_notice.js';
import { compareIds, newId } from './event_ids.js';

const LASTING = ['too_long', 'invalid'];

export class Conversation {
  #config;

  #store;

  /** @type {Connection} */
  #connection;

  /** @type {View} */
  #view;

  /** @type {Speaker} */
  #speaker = 'assistant';

  /** @type {string | null | undefined} */
  #token = null;

  /** @type {string | null} The agent's name. */
  #staff = null;

  /** @type {string | null} */
  #lastReply = null;

  /** @type {HTMLElement | null} The assistant's first reply to the newest message, which stays in sight. */
  #firstReply = null;

  #up = false;

  #notice;

  /**
   * @param {Configuration} config
   * @param {{ store: Store, connection: Connection, view: View }} parts
   */
  constructor(config, { store, connection, view }) {
    this.#config = config;
    this.#store = store;
    this.#connection = connection;
    this.#view = view;
    this.#notice = new ConnectionNotice(view.panel, view.t);
    this.#showSpeaker();
    for (const message of store.pending) view.log.showPending(message);
  }

  /** @param {Said} said */
  send(said) {
    const message = { id: newId(), at: Date.now(), ...said };
    const { composer, log, scroller } = this.#view;
    this.#store.add(message);
    log.showPending(message);
    log.retireChoices('text' in said ? said.text : said.title);
    composer.begin();
    scroller.toEnd();
    this.#connection.start();
    this.#connection.flush();
  }

  /** Sends a message that asks for a person, or that returns to the assistant. */
  changeSpeaker() {
    const { t, composer } = this.#view;
    this.send({ text: t(this.#speaker === 'assistant' ? 'persona_texto' : 'volver_texto') });
    composer.focus();
  }

  /** @param {string} id */
  retry(id) {
    const { attachments, log } = this.#view;
    if (attachments.has(id)) return void attachments.upload(id);
    if (!this.#store.has(id)) return this.#dropUnsent();
    log.setState(id, 'enviando');
    this.#connection.nudge();
    this.#connection.flush();
  }

  /** @param {string} id */
  discard(id) {
    this.#store.drop(id);
    this.#view.attachments.forget(id);
    this.#view.composer.focus();
  }

  /** Deletes the conversation from this browser and, if it ``starts`` again, begins another one. */
  restart(starts = true) {
    this.#store.forget(starts);
    this.#view.panel.question.hide({ focus: starts });
    this.#view.attachments.preview.close();
    this.#view.abandon();
    this.#reload(starts);
    this.#setSpeaker('assistant');
  }

  /** Handles another tab's change of the storage: it began another conversation, read this one, or discarded a message. */
  followOtherTab() {
    const { token } = this.#store;
    this.#dropUnsent();
    if (token && this.#token && token !== this.#token) {
      this.#token = token;
      this.#view.abandon();
      this.#reload();
    } else if (!this.#view.panel.isOpen) this.#view.launcher.showUnread();
  }

  markRead() {
    this.#view.launcher.readUpTo(this.#connection.last);
    if (this.#speaker === 'staff' && this.#lastReply) this.#view.presence.tellRead(this.#connection, this.#lastReply);
  }

  tellTyping() {
    const { composer, presence } = this.#view;
    this.#store.set({});
    if (this.#speaker === 'staff' && !composer.isEmpty) presence.tellTyping(this.#connection);
  }

  /** Shows whether the network is missing or the connection is slow. */
  showConnection() {
    this.#notice.show(this.#up || !this.#connection.running, Boolean(this.#token));
  }

  /** Handles a message of the connection. @param {Message} message */
  hear(message) {
    const { log, presence, scroller, survey } = this.#view;
    switch (message.type) {
      case 'welcome': return this.#welcomed(message);
      case 'event': return this.#onEvent(message);
      case 'ack': return this.#acknowledged(message);
      case 'speaker': return this.#onSpeaker(message);
      case 'error': return this.#refused(message);
      case 'place': return this.#placed(message.place);
      case 'typing': return this.#speaker === 'staff' ? presence.showTyping(scroller, message.name) : undefined;
      case 'read': return log.markSeen(message.event_id);
      case 'rated': return log.showRated(message);
      case 'removed': return void (log.shows(message.of) && this.#reload());
      case 'feedback': return survey.confirm(message.ticket, message.given);
      case 'sending': return log.setState(message.id, 'enviando');
      case 'unsent': return log.setState(message.id, 'no_enviado');
      case 'connection': return this.#connected(message.up);
      case 'forgotten': return this.#forgotten();
    }
  }

  #dropUnsent() {
    const { attachments, log } = this.#view;
    log.dropUnsent((id) => this.#store.has(id) || attachments.has(id));
  }

  /** @param {number} place */
  #placed(place) {
    if (this.#speaker === 'waiting') this.#view.showPlace(place);
    this.#showSpeaker();
  }

  /** @param {boolean} up */
  #connected(up) {
    this.#up = up;
    this.showConnection();
    if (!up) this.#view.presence.hideTyping();
  }

  /** @param {Greeted} frame */
  #welcomed({ token, speaker }) {
    this.#token = token;
    if (speaker) this.#setSpeaker(speaker);
  }

  #forgotten() {
    this.#token = null;
    this.#empty();
    this.#view.log.showNotice(this.#view.t('conversacion_nueva'));
  }

  /**
   * Shows a change of speaker; the first one after a welcome marks the end of the past events.
   * @param {SpeakerFrame} frame
   */
  #onSpeaker({ speaker, name }) {
    this.#setSpeaker(speaker, name);
    this.#view.log.busy = false;
    this.#view.attachments.reportLostFiles();
    this.#showExamples();
  }

  /** @param {Speaker} speaker @param {string | null} [name] */
  #setSpeaker(speaker, name) {
    this.#speaker = speaker;
    if (name) this.#staff = name;
    if (speaker !== 'waiting') this.#view.leaveQueue();
    if (speaker === 'staff') this.#view.log.retireChoices();
    this.#showSpeaker();
    if (this.#notice.warned) this.showConnection();
    this.#notice.warned = false;
  }

  /** @param {ChatEvent} event */
  #onEvent(event) {
    const { launcher, log, panel, scroller, survey, transcript } = this.#view;
    const follow = scroller.atEnd;
    const node = log.showEvent(event);
    transcript.add(event);
    event.author === 'citizen' ? this.#onCitizenEvent(event) : this.#onOtherEvent(event);
    if (panel.isOpen && document.visibilityState === 'visible') this.markRead();
    else launcher.showUnread();
    if (!panel.isOpen) return;
    const first = log.hasPending ? null : this.#firstOf(event, node); // a message on its way stays in sight
    if (follow) scroller.toEnd(survey.isShown ? null : first);
    else if (event.author !== 'citizen') scroller.jump.hidden = false;
  }

  /** @param {ChatEvent} event @param {HTMLElement} node */
  #firstOf(event, node) {
    return event.author === 'assistant' ? (this.#firstReply ??= node) : node;
  }

  /** @param {ChatEvent} event */
  #onCitizenEvent(event) {
    const { attachments, composer, log, survey } = this.#view;
    log.retireChoices(event.text);
    composer.begin();
    log.retireUseful();
    survey.drop();
    if (event.message_id) attachments.forget(event.message_id);
    this.#firstReply = null;
  }

  /** @param {ChatEvent} event */
  #onOtherEvent(event) {
    const { launcher, notifier, presence } = this.#view;
    presence.hideTyping();
    this.#lastReply = event.id;
    if (event.name) this.#staff = event.name;
    if (event.author === 'system') presence.forgetPosition();
    if (event.calls) presence.enterEmergency(launcher, event.calls);
    this.#showSpeaker();
    launcher.addUnread(event.id, event.author !== 'system');
    notifier.tell(event.at);
  }

  /** Ignores the frame's speaker; an earlier frame may name a newer one. @param {Acknowledged & { id: string }} frame */
  #acknowledged({ id, event_id }) {
    const { log, presence, scroller } = this.#view;
    log.setState(id, 'recibido');
    this.#setSpeaker(this.#speaker);
    const answered = this.#lastReply && compareIds(this.#lastReply, event_id) > 0;
    if (this.#speaker === 'assistant' && !answered) presence.showTyping(scroller);
  }

  /** @param {FrameError} frame */
  #refused({ id, code, text }) {
    if (id && LASTING.includes(code)) {
      this.#store.drop(id);
      this.#view.log.setState(id, 'no_enviado', text);
    } else if (text) this.#notice.warn(text);
  }

  #showSpeaker() {
    const { composer, panel, presence: { isEmergency } } = this.#view;
    panel.showSpeaker({ speaker: this.#speaker, staff: this.#staff, isEmergency });
    composer.showSpeaker(isEmergency === false ? this.#speaker : 'staff');
  }

  #showExamples() {
    const { log, panel, scroller } = this.#view;
    if (log.hasExamples || this.#store.pending.length || log.hasCitizen) return;
    log.showExamples(this.#config.examples);
    if (panel.isOpen) scroller.toStart();
  }

  #reload(starts = true) {
    this.#empty();
    this.#connection.restart(starts);
  }

  #empty() {
    const { attachments, composer, launcher, log, presence, survey, transcript } = this.#view;
    log.clear();
    composer.begin(false);
    launcher.clearUnread();
    this.#staff = this.#lastReply = this.#firstReply = null;
    presence.hideTyping();
    survey.drop();
    transcript.clear();
    for (const message of this.#store.pending) log.showPending(message);
    attachments.showUnsent();
  }
}
