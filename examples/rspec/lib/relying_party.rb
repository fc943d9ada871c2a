# frozen_string_literal: true

require 'json'
require 'json/jwt'
require 'net/http'
require 'openssl'
require 'securerandom'

# Stands for your application: a client of Myinfo v3. Nothing in here knows that it talks to a mock.
class RelyingParty
  # The service refused, or the person did.
  class Refused < StandardError; end

  # Something that came is not to be trusted.
  class Untrusted < StandardError; end

  # `key` is our private key, `certificate` the service's.
  def initialize(base_url:, client_id:, client_secret:, redirect_uri:, key:, certificate:, attributes:)
    @base_url = base_url
    @client = { client_id: client_id, client_secret: client_secret }
    @redirect_uri = redirect_uri
    @key = OpenSSL::PKey::RSA.new(key)
    @service = OpenSSL::X509::Certificate.new(certificate).public_key
    @attributes = attributes
  end

  # The address for the browser, and the state that its session has to keep.
  def begin(purpose)
    state = SecureRandom.hex(16)
    query = URI.encode_www_form(
      client_id: @client[:client_id], attributes: @attributes.join(','), purpose: purpose,
      state: state, redirect_uri: @redirect_uri
    )
    ["#{@base_url}/authorise?#{query}", state]
  end

  # Exchanges the callback for the person.
  def finish(callback, state)
    query = URI.decode_www_form(URI(callback).query).to_h
    raise Untrusted, 'the callback is of another login' unless query['state'] == state
    raise Refused, query['error'] if query['error']

    token = token(query.fetch('code'))
    subject = verified(token).fetch('sub')
    person(token, subject)
  end

  private

  def token(code)
    form = { grant_type: 'authorization_code', code: code, redirect_uri: @redirect_uri, **@client }
    uri = URI("#{@base_url}/token")
    request = Net::HTTP::Post.new(uri, 'Authorization' => authorization('POST', uri.to_s, form))
    request.set_form_data(form)
    JSON.parse(send_to(uri, request)).fetch('access_token')
  end

  def person(token, subject)
    parameters = { client_id: @client[:client_id], attributes: @attributes.join(',') }
    address = "#{@base_url}/person/#{subject}/"
    uri = URI("#{address}?#{URI.encode_www_form(parameters)}")
    signed = "#{authorization('GET', address, parameters)},Bearer #{token}"
    encrypted = send_to(uri, Net::HTTP::Get.new(uri, 'Authorization' => signed))
    # inside is a JSON text: the signed document in quotes
    verified(JSON.parse(JSON::JWT.decode(encrypted, @key).plain_text))
  end

  # The claims of a document that the service signed. It does not choose how: RS256 alone is expected.
  def verified(document)
    JSON::JWT.decode(document, @service, :RS256)
  rescue JSON::JWT::Exception => e
    raise Untrusted, "the signature is not the service's: #{e.class}"
  end

  # The header that signs a request: the method, the address without its query, and all parameters by their names.
  def authorization(method, address, parameters)
    fields = {
      app_id: @client[:client_id], nonce: SecureRandom.hex(16),
      signature_method: 'RS256', timestamp: (Time.now.to_f * 1000).to_i
    }
    text = parameters.merge(fields).sort_by { |name, _| name.to_s }.map { |name, value| "#{name}=#{value}" }
    signature = @key.sign('SHA256', [method, address, *text].join('&'))
    fields[:signature] = [signature].pack('m0')
    "PKI_SIGN #{fields.map { |name, value| %(#{name}="#{value}") }.join(',')}"
  end

  def send_to(uri, request)
    answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') { |http| http.request(request) }
    return answer.body if answer.is_a?(Net::HTTPSuccess)

    raise Refused, "#{uri.path} answered #{answer.code}"
  end
end
