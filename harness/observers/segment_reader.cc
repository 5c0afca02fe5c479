#include "observers/segment_reader.hh"

namespace tcpwitness {
namespace {

bool is_after(uint32_t a, uint32_t b) {
    return static_cast<int32_t>(a - b) > 0;
}

uint32_t end_of(const TcpSegment& segment) {
    return segment.sequence + segment.sequence_length();
}

}  // namespace

std::vector<TcpState> SegmentReader::read(TcpState state, Direction direction, const TcpSegment& segment) {
    return direction == Direction::sent ? read_sent(state, segment) : read_arrived(state, segment);
}

std::vector<TcpState> SegmentReader::read_sent(TcpState state, const TcpSegment& segment) {
    if (!receive_next_ && segment.has(tcp_flag::kAck) && !segment.has(tcp_flag::kRst)) {
        receive_next_ = segment.acknowledgment;
    }
    if (segment.has(tcp_flag::kRst)) {
        // In SYN_SENT a RST answers an ACK that acknowledges nothing of ours; the socket goes on. A mini-socket in
        // TIME_WAIT sends none.
        const bool goes_on = state == TcpState::closed || state == TcpState::syn_sent || state == TcpState::time_wait;
        return goes_on ? std::vector<TcpState>{} : std::vector{TcpState::closed};
    }
    if (segment.has(tcp_flag::kSyn)) {
        const bool answers = segment.has(tcp_flag::kAck);
        if (!own_syn_) own_syn_ = {segment.sequence, end_of(segment), false};
        if (answers && (state == TcpState::closed || state == TcpState::syn_sent)) return {TcpState::syn_rcvd};
        if (!answers && state == TcpState::closed) return {TcpState::syn_sent};
        return {};
    }
    if (!segment.has(tcp_flag::kFin) || end_of_own_fin_) return {};
    end_of_own_fin_ = end_of(segment);
    if (state == TcpState::close_wait) return {TcpState::last_ack};
    if (state == TcpState::established || state == TcpState::syn_rcvd) return {TcpState::fin_wait_1};
    return {};
}

bool SegmentReader::acknowledges_syn(const TcpSegment& segment) const {
    return !own_syn_ || (is_after(segment.acknowledgment, own_syn_->begin) && !is_after(segment.acknowledgment, own_syn_->end));
}

bool SegmentReader::accepts_reset(TcpState state, const TcpSegment& segment) const {
    if (state == TcpState::syn_sent) return segment.has(tcp_flag::kAck) && acknowledges_syn(segment);
    // RFC 5961 section 3.2: any other sequence number is answered by a challenge ACK.
    return receive_next_ && segment.sequence == *receive_next_;
}

bool SegmentReader::receive(const TcpSegment& segment) {
    if (segment.has(tcp_flag::kSyn)) {
        if (!receive_next_) receive_next_ = end_of(segment);
        return false;
    }
    if (!receive_next_ || segment.sequence_length() == 0) return false;
    early_.push_back({segment.sequence, end_of(segment), segment.has(tcp_flag::kFin)});
    bool fin = false;
    for (bool moved = true; moved;) {
        moved = false;
        for (const Range& range : early_) {
            if (is_after(range.begin, *receive_next_) || !is_after(range.end, *receive_next_)) continue;
            receive_next_ = range.end;
            fin = fin || range.fin;
            moved = true;
        }
    }
    std::erase_if(early_, [this](const Range& range) { return !is_after(range.end, *receive_next_); });
    return fin;
}

std::vector<TcpState> SegmentReader::read_arrived(TcpState state, const TcpSegment& segment) {
    if (segment.has(tcp_flag::kRst)) {
        return state != TcpState::closed && accepts_reset(state, segment) ? std::vector{TcpState::closed}
                                                                          : std::vector<TcpState>{};
    }
    // RFC 9293 section 3.10.7.3, first step: an ACK of what was never sent is answered by a RST, and nothing else happens.
    if (state == TcpState::syn_sent && segment.has(tcp_flag::kAck) && !acknowledges_syn(segment)) return {};
    const bool fin = receive(segment);
    std::vector<TcpState> passed;
    const auto pass = [&](TcpState next) {
        state = next;
        passed.push_back(next);
    };
    if (state == TcpState::syn_sent && segment.has(tcp_flag::kSyn)) {
        pass(segment.has(tcp_flag::kAck) ? TcpState::established : TcpState::syn_rcvd);
        return passed;
    }
    if (segment.has(tcp_flag::kSyn) || !segment.has(tcp_flag::kAck)) return passed;
    if (state == TcpState::syn_rcvd) pass(TcpState::established);
    const bool own_fin_acknowledged = end_of_own_fin_ && segment.acknowledgment == *end_of_own_fin_;
    if (own_fin_acknowledged && state == TcpState::fin_wait_1) pass(TcpState::fin_wait_2);
    if (own_fin_acknowledged && state == TcpState::closing) pass(TcpState::time_wait);
    if (own_fin_acknowledged && state == TcpState::last_ack) pass(TcpState::closed);
    if (!fin) return passed;
    if (state == TcpState::established) pass(TcpState::close_wait);
    if (state == TcpState::fin_wait_1) pass(TcpState::closing);
    if (state == TcpState::fin_wait_2) pass(TcpState::time_wait);
    return passed;
}

}  // namespace tcpwitness
