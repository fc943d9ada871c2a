# frozen_string_literal: true

# A driver for myinfo-conformance: JSON lines on standard input and output (docs/driver-protocol.md). Ruby 2.7 or newer.
#
#     myinfo-conformance --stdio 'ruby driver.rb'
#
# It runs as it is: what it cannot do yet is to exchange the code. `your connector:` marks where your code is called.
# Whatever is printed besides answers is a log. Never log the setup: it holds the client secret and the private key.

require 'json'
require 'securerandom'
require 'uri'

class Driver
  def initialize
    @setup = nil # your connector: keep it here, too
    @sessions = {} # what the web session of each browser holds
    @begun = 0
  end

  def answer(message)
    case message['type']
    when 'hello' then hello(message['versions'])
    when 'configure' then configure(message['setup'])
    when 'start' then start
    when 'callback' then callback(message['session'], message['url'])
    when 'reset' then reset
    when 'bye' then {}
    else { 'unsupported' => true }
    end
  end

  private

  def hello(versions)
    return { 'unsupported' => true } unless versions.include?(1)

    {
      'version' => 1,
      # your connector: its name and version, what it can, and which keys it reads, the most usual format first
      'name' => 'my-connector',
      'connector_version' => '0.1.0',
      'language' => 'Ruby',
      # what it speaks, one or several: v3, fapi (Singpass FAPI 2.0: Myinfo v5 and Login), oidc (the API before FAPI)
      'profiles' => %w[v3],
      # claim only what it can: gov, sandbox, txn_no, redirect_query, two_keys with v3; two_enc_keys, acr with fapi; custom_ca,
      # timeout with v3 and fapi; login_app, claims with fapi and oidc; person with all
      'capabilities' => %w[gov redirect_query],
      # pkcs8, pkcs8-encrypted, pkcs1, p12, jwk
      'key_formats' => %w[pkcs8]
    }
  end

  def configure(setup)
    @sessions.clear
    @setup = nil
    # your connector: make it anew from the setup: addresses, client, private key, certificates, issuer
    @setup = setup
    { 'result' => 'ok' }
  rescue StandardError => e
    { 'result' => 'config_error', 'message' => described(e) }
  end

  def start
    return { 'result' => 'error', 'message' => 'not configured' } if @setup.nil?
    return start_fapi if @setup['profile'] == 'fapi'
    return start_oidc if @setup['profile'] == 'oidc'

    # your connector: let it build the address, and keep what it wants to have kept in the browser's session
    state = SecureRandom.hex(16)
    query = {
      'client_id' => @setup['client_id'],
      'attributes' => @setup['attributes'].join(','),
      'purpose' => @setup['purpose'],
      'state' => state,
      'redirect_uri' => @setup['redirect_uri'],
      'response_type' => 'code'
    }
    query['sp_esvcId'] = @setup['esvc_id'] if @setup['esvc_id']
    @begun += 1
    session = "s#{@begun}"
    @sessions[session] = { state: state }
    url = "#{@setup['authorise_url']}?#{URI.encode_www_form(query)}"
    { 'result' => 'url', 'url' => url, 'session' => session }
  end

  def start_fapi
    # your connector: let it read the discovery document and push its request (PAR), with the keys of private_jwks; keep state, nonce,
    # verifier and the key of its proofs in the browser's session, and give back the address of the authorization endpoint. What the
    # server refuses here is an error, too, with the class that fits: pushed_request, upstream, malformed …
    not_begun
  end

  def start_oidc
    # your connector: let it read the discovery document, and give back the address of its authorization endpoint with scopes, nonce,
    # state and code_challenge; keep state, nonce and verifier in the browser's session. A document that cannot be used is an error, too,
    # with the class that fits: upstream, malformed …
    not_begun
  end

  def callback(session, url)
    # taken out: a login is finished once, whatever comes of it
    kept = @sessions.delete(session)
    return rejected('state', 'no login is under way in this session') if kept.nil?

    finish(kept, url)
  # your connector: a clause for each of its errors, with the class that fits, for example
  # rescue SignatureError => e then rejected('signature', e.message, e.class.name)
  rescue StandardError, NotImplementedError, SystemStackError => e
    { 'outcome' => 'crash', 'message' => described(e) }
  end

  def finish(kept, url)
    # your connector: if it checks the state itself, hand it `kept` and the address instead
    pairs = url.split('?', 2)[1].to_s.split('&').map { |pair| pair.split('=', 2) }
    states = pairs.select { |name, _| name == 'state' }.map { |_, value| decoded(value.to_s) }
    return rejected('state', 'the state is not that of this session') unless states == [kept[:state]]

    # your connector: let it read error and code, exchange the code and fetch the person; then
    # return { 'outcome' => 'accepted', 'person' => person }; with fapi and oidc also 'claims', those of the ID token
    rejected('other', 'not connected yet')
  end

  def reset
    # your connector: drop its caches, too, and keep its configuration
    @sessions.clear
    {}
  end

  def not_begun
    { 'result' => 'error', 'class' => 'other', 'native' => '', 'message' => 'not connected yet' }
  end

  def rejected(kind, message, native = '')
    { 'outcome' => 'rejected', 'class' => kind, 'native' => native, 'message' => message }
  end

  # nil where an escape is broken: no state equals it
  def decoded(value)
    URI.decode_www_form_component(value)
  rescue ArgumentError
    nil
  end

  def described(error)
    "#{error.class}: #{error.message}"
  end
end

$stdin.set_encoding(Encoding::UTF_8)
$stdout.set_encoding(Encoding::UTF_8)
$stdout.sync = true
driver = Driver.new
$stdin.each_line do |line|
  message = JSON.parse(line)
  answer = { 'id' => message['id'] }.merge(driver.answer(message))
  $stdout.write("@mdp #{JSON.generate(answer)}\n")
  break if message['type'] == 'bye'
end
