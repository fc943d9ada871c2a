# frozen_string_literal: true

RSpec.describe RelyingParty do
  subject(:party) { mock.party(%w[uinfin name sex regadd]) }

  def person_of(persona)
    address, state = party.begin('to fill in a form')
    party.finish(mock.log_in(address, persona), state)
  end

  it 'knows a person who agrees by name' do
    person = person_of('S6005048A')
    expect(person['uinfin']['value']).to eq('S6005048A')
    expect(person['name']['value']).to eq('ANDY LAU')
    expect(mock).to have_kept_all_rules(authorise: 1, token: 1, person: 1)
  end

  it 'is told of a person who cancels' do
    expect { person_of('error:access_denied') }.to raise_error(RelyingParty::Refused, 'access_denied')
    expect(mock).to have_kept_all_rules(token: 0)
  end

  it 'refuses a document that the service did not sign' do
    # what no real service does for you: it misbehaves on demand
    mock.arm('jws-signature')
    expect { person_of('S6005048A') }.to raise_error(RelyingParty::Untrusted, /signature/)
  end
end
